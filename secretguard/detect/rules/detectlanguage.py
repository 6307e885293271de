"""Detect Language: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "detectlanguage-api-key")

RULES = (
    Rule(
        id="detectlanguage-api-key",
        description="Detect Language API key",
        patterns=(near("detect_?language", f"{HEX}{{32}}"),),
        url="https://detectlanguage.com/documentation",
        revoke="Delete the API key in Detect Language's settings, and make a new one.",
        examples=named("detectlanguage", _KEY),
        near_misses=one_off("detectlanguage", _KEY),
        judge="beside",
    ),
)
