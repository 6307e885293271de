"""Finnhub: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(20, "finnhub-api-key")

RULES = (
    Rule(
        id="finnhub-api-key",
        description="Finnhub API key",
        patterns=(near("finnhub", f"{LOWER}{{20}}"),),
        url="https://finnhub.io/docs/api/authentication",
        revoke="Delete the API key in Finnhub's settings, and make a new one.",
        examples=named("finnhub", _KEY),
        near_misses=one_off("finnhub", _KEY),
        judge="beside",
    ),
)
