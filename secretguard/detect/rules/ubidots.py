"""Ubidots: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "BBFF-" + made_up.alnum(30, "ubidots-token")

RULES = (
    Rule(
        id="ubidots-token",
        description="Ubidots token",
        patterns=(token("BBFF-", ALNUM, 30),),
        url="https://docs.ubidots.com/reference/authentication",
        revoke="Delete the token in Ubidots's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "BBFF-" + "x" * 30),
    ),
)
