"""Discogs: user tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "discogs-user-token")

RULES = (
    Rule(
        id="discogs-user-token",
        description="Discogs user token",
        patterns=(near("discogs", f"{ALNUM}{{40}}"),),
        url="https://www.discogs.com/developers/",
        revoke="Delete the user token in Discogs's settings, and make a new one.",
        examples=named("discogs", _KEY),
        near_misses=one_off("discogs", _KEY),
        judge="beside",
    ),
)
