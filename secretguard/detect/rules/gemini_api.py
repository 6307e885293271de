"""Google AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "AQ.Ab8" + made_up.alnum(40, "google-ai-api-key")

RULES = (
    Rule(
        id="google-ai-api-key",
        description="Google AI API key",
        patterns=(token(r"AQ\.Ab8", WORD, 40, 80),),
        url="https://ai.google.dev/gemini-api/docs/api-key",
        revoke="Delete the API key in Google AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("AQ.Ab8" + made_up.alnum(39, "short"), "AQ.Ab8" + "x" * 40),
    ),
)
