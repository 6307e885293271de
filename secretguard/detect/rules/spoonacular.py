"""Spoonacular: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "spoonacular-api-key")

RULES = (
    Rule(
        id="spoonacular-api-key",
        description="Spoonacular API key",
        patterns=(near("spoonacular", f"{HEX}{{32}}"),),
        url="https://spoonacular.com/food-api/docs",
        revoke="Delete the API key in Spoonacular's settings, and make a new one.",
        examples=named("spoonacular", _KEY),
        near_misses=one_off("spoonacular", _KEY),
        judge="beside",
    ),
)
