"""Polymarket: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "polymarket-api-secret")

RULES = (
    Rule(
        id="polymarket-api-secret",
        description="Polymarket API secret",
        patterns=(near("poly(?:market|_secret|_api|_key)", f"{WORD}{{43}}"),),
        url="https://docs.polymarket.com/",
        revoke="Delete the API secret in Polymarket's settings, and make a new one.",
        examples=named("polymarket", _KEY),
        near_misses=one_off("polymarket", _KEY),
        judge="beside",
    ),
)
