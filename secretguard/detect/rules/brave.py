"""Brave Search: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "BSA" + made_up.alnum(27, "brave-search-api-key")

RULES = (
    Rule(
        id="brave-search-api-key",
        description="Brave Search API key",
        patterns=(token("BSA", WORD, 27),),
        url="https://api-dashboard.search.brave.com/app/documentation",
        revoke="Delete the API key in Brave Search's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "BSA" + "x" * 27),
        judge="random",
    ),
)
