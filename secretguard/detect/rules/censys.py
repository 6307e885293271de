"""Censys: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "censys-api-secret")

RULES = (
    Rule(
        id="censys-api-secret",
        description="Censys API secret",
        patterns=(near("censys", f"{ALNUM}{{32}}"),),
        url="https://docs.censys.com/",
        revoke="Delete the API secret in Censys's settings, and make a new one.",
        examples=named("censys", _KEY),
        near_misses=one_off("censys", _KEY),
        judge="beside",
    ),
)
