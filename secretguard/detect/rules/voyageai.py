"""Voyage AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "pa-" + made_up.alnum(43, "voyageai-api-key")

RULES = (
    Rule(
        id="voyageai-api-key",
        description="Voyage AI API key",
        patterns=(token("pa-", WORD, 43),),
        url="https://docs.voyageai.com/docs/api-key-and-installation",
        revoke="Delete the API key in Voyage AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pa-" + "x" * 43),
        judge="random",
    ),
)
