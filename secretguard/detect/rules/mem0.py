"""Mem0: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "m0-" + made_up.alnum(40, "mem0-api-key")

RULES = (
    Rule(
        id="mem0-api-key",
        description="Mem0 API key",
        patterns=(token("m0-", ALNUM, 40),),
        url="https://docs.mem0.ai/api-reference",
        revoke="Delete the API key in Mem0's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "m0-" + "x" * 40),
    ),
)
