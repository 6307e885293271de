"""Tradier: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(28, "tradier-access-token")

RULES = (
    Rule(
        id="tradier-access-token",
        description="Tradier access token",
        patterns=(near("tradier", f"{ALNUM}{{28}}"),),
        url="https://docs.tradier.com/docs/authentication",
        revoke="Delete the access token in Tradier's settings, and make a new one.",
        examples=named("tradier", _KEY),
        near_misses=one_off("tradier", _KEY),
        judge="beside",
    ),
)
