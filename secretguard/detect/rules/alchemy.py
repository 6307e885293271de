"""Alchemy: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(32, "alchemy-api-key")

RULES = (
    Rule(
        id="alchemy-api-key",
        description="Alchemy API key",
        patterns=(near(r"alchemy(?:_?api|_?key|\.com|_?token)", f"{WORD}{{32}}"),),
        url="https://www.alchemy.com/docs/",
        revoke="Delete the API key in Alchemy's settings, and make a new one.",
        examples=named("alchemy_key", _KEY),
        near_misses=one_off("alchemy_key", _KEY),
        judge="beside",
    ),
)
