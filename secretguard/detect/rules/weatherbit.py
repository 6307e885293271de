"""Weatherbit: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "weatherbit-api-key")

RULES = (
    Rule(
        id="weatherbit-api-key",
        description="Weatherbit API key",
        patterns=(near("weatherbit", f"{HEX}{{32}}"),),
        url="https://www.weatherbit.io/api",
        revoke="Delete the API key in Weatherbit's settings, and make a new one.",
        examples=named("weatherbit", _KEY),
        near_misses=one_off("weatherbit", _KEY),
        judge="beside",
    ),
)
