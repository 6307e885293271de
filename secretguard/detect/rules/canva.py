"""Canva: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "cnvca" + made_up.alnum(46, "canva-client-secret")

RULES = (
    Rule(
        id="canva-client-secret",
        description="Canva client secret",
        patterns=(token("cnvca", WORD, 46, 64),),
        url="https://www.canva.dev/docs/connect/authentication/",
        revoke="Delete the client secret in Canva's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("cnvca" + made_up.alnum(45, "short"), "cnvca" + "x" * 46),
    ),
)
