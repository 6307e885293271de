"""News API: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "newsapi-api-key")

RULES = (
    Rule(
        id="newsapi-api-key",
        description="News API API key",
        patterns=(near("newsapi", f"{HEX}{{32}}"),),
        url="https://newsapi.org/docs/authentication",
        revoke="Delete the API key in News API's settings, and make a new one.",
        examples=named("newsapi", _KEY),
        near_misses=one_off("newsapi", _KEY),
        judge="beside",
    ),
)
