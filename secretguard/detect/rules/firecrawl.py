"""Firecrawl: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "fc-" + made_up.hexadecimal(32, "firecrawl-api-key")

RULES = (
    Rule(
        id="firecrawl-api-key",
        description="Firecrawl API key",
        patterns=(token("fc-", HEX, 32),),
        url="https://docs.firecrawl.dev/api-reference/introduction",
        revoke="Delete the API key in Firecrawl's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "fc-" + "x" * 32),
        judge="random",
    ),
)
