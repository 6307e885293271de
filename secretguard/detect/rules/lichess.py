"""Lichess: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "lip_" + made_up.alnum(20, "lichess-personal-access-token")

RULES = (
    Rule(
        id="lichess-personal-access-token",
        description="Lichess personal access token",
        patterns=(token("li[po]_", ALNUM, 20),),
        url="https://lichess.org/api",
        revoke="Delete the personal access token in Lichess's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "lip_" + "x" * 20),
    ),
)
