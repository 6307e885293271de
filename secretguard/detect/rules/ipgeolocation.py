"""IPGeolocation: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "ipgeolocation-api-key")

RULES = (
    Rule(
        id="ipgeolocation-api-key",
        description="IPGeolocation API key",
        patterns=(near("ipgeolocation", f"{HEX}{{32}}"),),
        url="https://ipgeolocation.io/documentation.html",
        revoke="Delete the API key in IPGeolocation's settings, and make a new one.",
        examples=named("ipgeolocation", _KEY),
        near_misses=one_off("ipgeolocation", _KEY),
        judge="beside",
    ),
)
