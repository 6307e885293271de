"""Groq API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "gsk_" + made_up.alnum(52)

RULES = (
    Rule(
        id="groq-api-key",
        description="Groq API key",
        patterns=(token("gsk_", ALNUM, 52),),
        url="https://console.groq.com/docs/quickstart",
        revoke="Delete the key in the Groq console.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "gsk_" + "x" * 52),
    ),
)
