"""Tavily: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "tvly-" + made_up.alnum(32, "tavily-api-key")

RULES = (
    Rule(
        id="tavily-api-key",
        description="Tavily API key",
        patterns=(token("tvly-(?:dev-|prod-)?", ALNUM, 32),),
        url="https://docs.tavily.com/documentation/api-reference/introduction",
        revoke="Delete the API key in Tavily's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "tvly-" + "x" * 32),
    ),
)
