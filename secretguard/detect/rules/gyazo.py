"""Gyazo: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "gyazo-access-token")

RULES = (
    Rule(
        id="gyazo-access-token",
        description="Gyazo access token",
        patterns=(near("gyazo", f"{WORD}{{43}}"),),
        url="https://gyazo.com/api/docs",
        revoke="Delete the access token in Gyazo's settings, and make a new one.",
        examples=named("gyazo", _KEY),
        near_misses=one_off("gyazo", _KEY),
        judge="beside",
    ),
)
