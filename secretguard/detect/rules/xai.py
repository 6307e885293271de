"""xAI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "xai-" + made_up.alnum(80, "xai-api-key")

RULES = (
    Rule(
        id="xai-api-key",
        description="xAI API key",
        patterns=(token("xai-", WORD, 80),),
        url="https://docs.x.ai/docs/overview",
        revoke="Delete the API key in xAI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "xai-" + "x" * 80),
    ),
)
