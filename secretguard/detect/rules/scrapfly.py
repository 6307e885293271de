"""Scrapfly: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "scp-live-" + made_up.hexadecimal(32, "scrapfly-api-key")

RULES = (
    Rule(
        id="scrapfly-api-key",
        description="Scrapfly API key",
        patterns=(token("scp-(?:live|test)-", HEX, 32),),
        url="https://scrapfly.io/docs/scrape-api/getting-started",
        revoke="Delete the API key in Scrapfly's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "scp-live-" + "x" * 32),
    ),
)
