"""Together AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "tgp_v1_" + made_up.alnum(43, "together-api-key")

RULES = (
    Rule(
        id="together-api-key",
        description="Together AI API key",
        patterns=(token("tgp_v1_", WORD, 43),),
        url="https://docs.together.ai/docs/quickstart",
        revoke="Delete the API key in Together AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "tgp_v1_" + "x" * 43),
    ),
)
