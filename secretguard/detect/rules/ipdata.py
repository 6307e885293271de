"""ipdata: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(56, "ipdata-api-key")

RULES = (
    Rule(
        id="ipdata-api-key",
        description="ipdata API key",
        patterns=(near(r"ipdata(?:\.co|_?key|_?api)", f"{HEX}{{56}}"),),
        url="https://docs.ipdata.co/",
        revoke="Delete the API key in ipdata's settings, and make a new one.",
        examples=named("ipdata_key", _KEY),
        near_misses=one_off("ipdata_key", _KEY),
        judge="beside",
    ),
)
