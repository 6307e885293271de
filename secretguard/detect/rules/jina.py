"""Jina AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "jina_" + made_up.alnum(60, "jina-api-key")

RULES = (
    Rule(
        id="jina-api-key",
        description="Jina AI API key",
        patterns=(token("jina_", WORD, 60),),
        url="https://jina.ai/api-dashboard/",
        revoke="Delete the API key in Jina AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "jina_" + "x" * 60),
    ),
)
