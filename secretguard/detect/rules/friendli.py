"""Friendli: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "flp_" + made_up.alnum(46, "friendli-api-token")

RULES = (
    Rule(
        id="friendli-api-token",
        description="Friendli API token",
        patterns=(token("flp_", ALNUM, 46),),
        url="https://friendli.ai/docs/openapi/introduction",
        revoke="Delete the API token in Friendli's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "flp_" + "x" * 46),
    ),
)
