"""Devin: service user tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "cog_" + made_up.lower(50, "devin-service-user-token")

RULES = (
    Rule(
        id="devin-service-user-token",
        description="Devin service user token",
        patterns=(token("cog_", LOWER, 50, 60),),
        url="https://docs.devin.ai/api-reference/overview",
        revoke="Delete the service user token in Devin's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("cog_" + made_up.lower(49, "short"), "cog_" + "x" * 50),
    ),
)
