"""Survicate: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "survicate-api-key")

RULES = (
    Rule(
        id="survicate-api-key",
        description="Survicate API key",
        patterns=(near("survicate", f"{HEX}{{32}}"),),
        url="https://developers.survicate.com/",
        revoke="Delete the API key in Survicate's settings, and make a new one.",
        examples=named("survicate", _KEY),
        near_misses=one_off("survicate", _KEY),
        judge="beside",
    ),
)
