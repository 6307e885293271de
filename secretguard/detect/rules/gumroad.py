"""Gumroad: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "gumroad-access-token")

RULES = (
    Rule(
        id="gumroad-access-token",
        description="Gumroad access token",
        patterns=(near("gumroad", f"{WORD}{{43}}"),),
        url="https://gumroad.com/api",
        revoke="Delete the access token in Gumroad's settings, and make a new one.",
        examples=named("gumroad", _KEY),
        near_misses=one_off("gumroad", _KEY),
        judge="beside",
    ),
)
