"""Devin: API keys, service user tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, WORD, Rule, shown, token

_EXAMPLE_1 = "apk_user_" + made_up.alnum(40, "devin-api-key")
_EXAMPLE_2 = "cog_" + made_up.lower(50, "devin-service-user-token")

RULES = (
    Rule(
        id="devin-api-key",
        description="Devin API key",
        patterns=(token("apk_user_", WORD, 40, 220),),
        url="https://docs.devin.ai/api-reference/overview",
        revoke="Delete the API key in Devin's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("apk_user_" + made_up.alnum(39, "short"), "apk_user_" + "x" * 40),
    ),
    Rule(
        id="devin-service-user-token",
        description="Devin service user token",
        patterns=(token("cog_", LOWER, 50, 60),),
        url="https://docs.devin.ai/api-reference/overview",
        revoke="Delete the service user token in Devin's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=("cog_" + made_up.lower(49, "short"), "cog_" + "x" * 50),
    ),
)
