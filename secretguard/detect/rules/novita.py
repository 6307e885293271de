"""Novita AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sk_" + made_up.alnum(43, "novita-api-key")

RULES = (
    Rule(
        id="novita-api-key",
        description="Novita AI API key",
        patterns=(token("sk_", WORD, 43),),
        url="https://novita.ai/docs/guides/introduction",
        revoke="Delete the API key in Novita AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sk_" + "x" * 43),
        judge="random",
    ),
)
