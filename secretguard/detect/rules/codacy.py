"""Codacy: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(20, "codacy-api-token")

RULES = (
    Rule(
        id="codacy-api-token",
        description="Codacy API token",
        patterns=(near("codacy", f"{ALNUM}{{20}}"),),
        url="https://docs.codacy.com/codacy-api/api-tokens/",
        revoke="Delete the API token in Codacy's settings, and make a new one.",
        examples=named("codacy", _KEY),
        near_misses=one_off("codacy", _KEY),
        judge="beside",
    ),
)
