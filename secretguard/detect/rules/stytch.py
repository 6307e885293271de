"""Stytch: secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "secret-live-" + made_up.alnum(32, "stytch-secret")

RULES = (
    Rule(
        id="stytch-secret",
        description="Stytch secret",
        patterns=(token("secret-(?:live|test)-", WORD, 32, 50),),
        url="https://stytch.com/docs/api/authentication",
        revoke="Delete the secret in Stytch's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("secret-live-" + made_up.alnum(31, "short"), "secret-live-" + "x" * 32),
    ),
)
