"""SerpApi: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "serpapi-api-key")

RULES = (
    Rule(
        id="serpapi-api-key",
        description="SerpApi API key",
        patterns=(near("(?:serp_?api|serper)", f"{HEX}{{64}}"),),
        url="https://serpapi.com/search-api",
        revoke="Delete the API key in SerpApi's settings, and make a new one.",
        examples=named("serpapi", _KEY),
        near_misses=one_off("serpapi", _KEY),
        judge="beside",
    ),
)
