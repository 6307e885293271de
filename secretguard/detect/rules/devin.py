"""Devin: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "apk_user_" + made_up.alnum(40, "devin-api-key")

RULES = (
    Rule(
        id="devin-api-key",
        description="Devin API key",
        patterns=(token("apk_user_", WORD, 40, 220),),
        url="https://docs.devin.ai/api-reference/overview",
        revoke="Delete the API key in Devin's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("apk_user_" + made_up.alnum(39, "short"), "apk_user_" + "x" * 40),
    ),
)
