"""Ambee: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "ambee-api-key")

RULES = (
    Rule(
        id="ambee-api-key",
        description="Ambee API key",
        patterns=(near("ambee", f"{HEX}{{64}}"),),
        url="https://docs.ambeedata.com/",
        revoke="Delete the API key in Ambee's settings, and make a new one.",
        examples=named("ambee", _KEY),
        near_misses=one_off("ambee", _KEY),
        judge="beside",
    ),
)
