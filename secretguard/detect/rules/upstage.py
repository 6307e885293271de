"""Upstage: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "up_" + made_up.alnum(29, "upstage-api-key")

RULES = (
    Rule(
        id="upstage-api-key",
        description="Upstage API key",
        patterns=(token("up_", ALNUM, 29),),
        url="https://console.upstage.ai/docs/getting-started",
        revoke="Delete the API key in Upstage's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "up_" + "x" * 29),
    ),
)
