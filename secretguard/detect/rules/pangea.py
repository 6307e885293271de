"""Pangea: service tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "pts_" + made_up.lower(32, "pangea-service-token")

RULES = (
    Rule(
        id="pangea-service-token",
        description="Pangea service token",
        patterns=(token("pts_", LOWER, 32),),
        url="https://pangea.cloud/docs/admin-guide/tokens",
        revoke="Delete the service token in Pangea's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pts_" + "x" * 32),
    ),
)
