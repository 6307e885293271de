"""MiniMax: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sk-api-" + made_up.alnum(80, "minimax-api-key")

RULES = (
    Rule(
        id="minimax-api-key",
        description="MiniMax API key",
        patterns=(token("sk-api-", WORD, 80, 140),),
        url="https://platform.minimax.io/docs/",
        revoke="Delete the API key in MiniMax's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sk-api-" + made_up.alnum(79, "short"), "sk-api-" + "x" * 80),
    ),
)
