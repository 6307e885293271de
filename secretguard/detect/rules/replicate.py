"""Replicate API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "r8_" + made_up.alnum(37)

RULES = (
    Rule(
        id="replicate-token",
        description="Replicate API token",
        patterns=(token("r8_", ALNUM, 37),),
        url="https://replicate.com/docs/topics/security/api-tokens",
        revoke="Delete the token in the account's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "r8_" + "x" * 37),
    ),
)
