"""RAWG: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "rawg-api-key")

RULES = (
    Rule(
        id="rawg-api-key",
        description="RAWG API key",
        patterns=(near("rawg", f"{HEX}{{32}}"),),
        url="https://rawg.io/apidocs",
        revoke="Delete the API key in RAWG's settings, and make a new one.",
        examples=named("rawg", _KEY),
        near_misses=one_off("rawg", _KEY),
        judge="beside",
    ),
)
