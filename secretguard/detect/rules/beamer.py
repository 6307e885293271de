"""Beamer: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "b_" + made_up.alnum(44, "beamer-api-key")

RULES = (
    Rule(
        id="beamer-api-key",
        description="Beamer API key",
        patterns=(token("b_", WORD, 44),),
        url="https://www.getbeamer.com/api",
        revoke="Delete the API key in Beamer's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "b_" + "x" * 44),
        judge="random",
    ),
)
