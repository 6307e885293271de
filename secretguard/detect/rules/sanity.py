"""Sanity: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "sk" + made_up.alnum(80, "sanity-api-token")

RULES = (
    Rule(
        id="sanity-api-token",
        description="Sanity API token",
        patterns=(token("sk", ALNUM, 80, 180),),
        url="https://www.sanity.io/docs/http-auth",
        revoke="Delete the API token in Sanity's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sk" + made_up.alnum(79, "short"), "sk" + "x" * 80),
        judge="random",
    ),
)
