"""Coveralls: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(37, "coveralls-token")

RULES = (
    Rule(
        id="coveralls-token",
        description="Coveralls token",
        patterns=(near("coveralls", f"{ALNUM}{{37}}"),),
        url="https://docs.coveralls.io/api-introduction",
        revoke="Delete the token in Coveralls's settings, and make a new one.",
        examples=named("coveralls", _KEY),
        near_misses=one_off("coveralls", _KEY),
        judge="beside",
    ),
)
