"""Bittrex: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "bittrex-api-secret")

RULES = (
    Rule(
        id="bittrex-api-secret",
        description="Bittrex API secret",
        patterns=(near("bittrex", f"{ALNUM}{{32}}"),),
        url="https://bittrex.github.io/api/v3",
        revoke="Delete the API secret in Bittrex's settings, and make a new one.",
        examples=named("bittrex", _KEY),
        near_misses=one_off("bittrex", _KEY),
        judge="beside",
    ),
)
