"""Tinybird: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "p.eyJ" + made_up.alnum(80, "q") + "." + made_up.alnum(43, "tinybird-token")

RULES = (
    Rule(
        id="tinybird-token",
        description="Tinybird token",
        patterns=(token(r"p\.eyJ[A-Za-z0-9_-]{20,300}\.", WORD, 43),),
        url="https://www.tinybird.co/docs/get-started/administration/auth-tokens",
        revoke="Delete the token in Tinybird's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "p.eyJ" + made_up.alnum(80, "q") + "." + "x" * 43),
    ),
)
