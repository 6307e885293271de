"""Optimizely: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(54, "optimizely-access-token")

RULES = (
    Rule(
        id="optimizely-access-token",
        description="Optimizely access token",
        patterns=(near("optimizely", f"{WORD}{{54}}"),),
        url="https://docs.developers.optimizely.com/",
        revoke="Delete the access token in Optimizely's settings, and make a new one.",
        examples=named("optimizely", _KEY),
        near_misses=one_off("optimizely", _KEY),
        judge="beside",
    ),
)
