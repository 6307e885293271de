"""Stability AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "sk-" + made_up.alnum(48, "stabilityai-api-key")

RULES = (
    Rule(
        id="stabilityai-api-key",
        description="Stability AI API key",
        patterns=(token("sk-", ALNUM, 48),),
        url="https://platform.stability.ai/docs/getting-started",
        revoke="Delete the API key in Stability AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sk-" + "x" * 48),
        judge="random",
    ),
)
