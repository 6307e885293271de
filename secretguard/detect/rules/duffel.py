"""Duffel: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "duffel_live_" + made_up.alnum(43, "duffel-access-token")

RULES = (
    Rule(
        id="duffel-access-token",
        description="Duffel access token",
        patterns=(token("duffel_(?:test|live)_", WORD, 43),),
        url="https://duffel.com/docs/api/overview/authentication",
        revoke="Delete the access token in Duffel's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "duffel_live_" + "x" * 43),
    ),
)
