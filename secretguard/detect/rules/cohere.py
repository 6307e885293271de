"""Cohere: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "cohere-api-key")

RULES = (
    Rule(
        id="cohere-api-key",
        description="Cohere API key",
        patterns=(near("(?:cohere|CO_API_KEY)", f"{ALNUM}{{40}}"),),
        url="https://docs.cohere.com/reference/about",
        revoke="Delete the API key in Cohere's settings, and make a new one.",
        examples=named("cohere", _KEY),
        near_misses=one_off("cohere", _KEY),
        judge="beside",
    ),
)
