"""Supernotes: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "supernotes_sk-" + made_up.alnum(40, "supernotes-api-key")

RULES = (
    Rule(
        id="supernotes-api-key",
        description="Supernotes API key",
        patterns=(token("supernotes_sk-", ALNUM, 40, 60),),
        url="https://api.supernotes.app/docs",
        revoke="Delete the API key in Supernotes's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("supernotes_sk-" + made_up.alnum(39, "short"), "supernotes_sk-" + "x" * 40),
    ),
)
