"""Fauna: secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "fnAE" + made_up.alnum(36, "fauna-secret")

RULES = (
    Rule(
        id="fauna-secret",
        description="Fauna secret",
        patterns=(token("fn[A-Za-z]{2}", WORD, 36, 40),),
        url="https://docs.fauna.com/fauna/current/learn/security/keys/",
        revoke="Delete the secret in Fauna's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("fnAE" + made_up.alnum(35, "short"), "fnAE" + "x" * 36),
        judge="random",
        confidence=MEDIUM,
    ),
)
