"""Cerebras: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "csk-" + made_up.lower(48, "cerebras-api-key")

RULES = (
    Rule(
        id="cerebras-api-key",
        description="Cerebras API key",
        patterns=(token("csk-", LOWER, 48),),
        url="https://inference-docs.cerebras.ai/quickstart",
        revoke="Delete the API key in Cerebras's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "csk-" + "x" * 48),
    ),
)
