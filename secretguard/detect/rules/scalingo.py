"""Scalingo: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "tk-us-" + made_up.alnum(48, "scalingo-api-token")

RULES = (
    Rule(
        id="scalingo-api-token",
        description="Scalingo API token",
        patterns=(token("tk-us-", WORD, 48),),
        url="https://developers.scalingo.com/",
        revoke="Delete the API token in Scalingo's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "tk-us-" + "x" * 48),
    ),
)
