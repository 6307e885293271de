"""Loyverse: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "loyverse-access-token")

RULES = (
    Rule(
        id="loyverse-access-token",
        description="Loyverse access token",
        patterns=(near("loyverse", f"{HEX}{{32}}"),),
        url="https://developer.loyverse.com/docs/",
        revoke="Delete the access token in Loyverse's settings, and make a new one.",
        examples=named("loyverse", _KEY),
        near_misses=one_off("loyverse", _KEY),
        judge="beside",
    ),
)
