"""Cashfree: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "cashfree-secret-key")

RULES = (
    Rule(
        id="cashfree-secret-key",
        description="Cashfree secret key",
        patterns=(near("cashfree", f"{HEX}{{40}}"),),
        url="https://www.cashfree.com/docs/api-reference/authentication",
        revoke="Delete the secret key in Cashfree's settings, and make a new one.",
        examples=named("cashfree", _KEY),
        near_misses=one_off("cashfree", _KEY),
        judge="beside",
    ),
)
