"""AYLIEN: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "aylien-api-key")

RULES = (
    Rule(
        id="aylien-api-key",
        description="AYLIEN API key",
        patterns=(near("aylien", f"{HEX}{{32}}"),),
        url="https://docs.aylien.com/",
        revoke="Delete the API key in AYLIEN's settings, and make a new one.",
        examples=named("aylien", _KEY),
        near_misses=one_off("aylien", _KEY),
        judge="beside",
    ),
)
