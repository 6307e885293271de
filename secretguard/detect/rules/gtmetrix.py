"""GTmetrix: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "gtmetrix-api-key")

RULES = (
    Rule(
        id="gtmetrix-api-key",
        description="GTmetrix API key",
        patterns=(near("gtmetrix", f"{HEX}{{32}}"),),
        url="https://gtmetrix.com/api/docs/2.0/",
        revoke="Delete the API key in GTmetrix's settings, and make a new one.",
        examples=named("gtmetrix", _KEY),
        near_misses=one_off("gtmetrix", _KEY),
        judge="beside",
    ),
)
