"""Yelp: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(128, "yelp-api-key")

RULES = (
    Rule(
        id="yelp-api-key",
        description="Yelp API key",
        patterns=(near("yelp", f"{WORD}{{128}}"),),
        url="https://docs.developer.yelp.com/docs/places-authentication",
        revoke="Delete the API key in Yelp's settings, and make a new one.",
        examples=named("yelp", _KEY),
        near_misses=one_off("yelp", _KEY),
        judge="beside",
    ),
)
