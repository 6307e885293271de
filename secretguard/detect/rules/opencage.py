"""OpenCage: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "opencage-api-key")

RULES = (
    Rule(
        id="opencage-api-key",
        description="OpenCage API key",
        patterns=(near("opencage", f"{HEX}{{32}}"),),
        url="https://opencagedata.com/api",
        revoke="Delete the API key in OpenCage's settings, and make a new one.",
        examples=named("opencage", _KEY),
        near_misses=one_off("opencage", _KEY),
        judge="beside",
    ),
)
