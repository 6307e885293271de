"""Iterable: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "iterable-api-key")

RULES = (
    Rule(
        id="iterable-api-key",
        description="Iterable API key",
        patterns=(near("iterable_?(?:api|key|token)", f"{HEX}{{32}}"),),
        url="https://api.iterable.com/api/docs",
        revoke="Delete the API key in Iterable's settings, and make a new one.",
        examples=named("iterable_api", _KEY),
        near_misses=one_off("iterable_api", _KEY),
        judge="beside",
    ),
)
