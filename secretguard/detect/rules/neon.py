"""Neon: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "napi_" + made_up.lower(64, "neon-api-key")

RULES = (
    Rule(
        id="neon-api-key",
        description="Neon API key",
        patterns=(token("napi_", LOWER, 64),),
        url="https://neon.tech/docs/manage/api-keys",
        revoke="Delete the API key in Neon's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "napi_" + "x" * 64),
    ),
)
