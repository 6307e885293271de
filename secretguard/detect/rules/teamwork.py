"""Teamwork: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "tkn.v1_" + made_up.alnum(60, "teamwork-api-token")

RULES = (
    Rule(
        id="teamwork-api-token",
        description="Teamwork API token",
        patterns=(token(r"tkn\.v1_", WORD, 60, 100),),
        url="https://apidocs.teamwork.com/guides/authentication",
        revoke="Delete the API token in Teamwork's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("tkn.v1_" + made_up.alnum(59, "short"), "tkn.v1_" + "x" * 60),
    ),
)
