"""RapidAPI: keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(50, "rapidapi-key")

RULES = (
    Rule(
        id="rapidapi-key",
        description="RapidAPI key",
        patterns=(near("rapid_?api", f"{ALNUM}{{50}}"),),
        url="https://docs.rapidapi.com/docs/keys",
        revoke="Delete the key in RapidAPI's settings, and make a new one.",
        examples=named("rapidapi", _KEY),
        near_misses=one_off("rapidapi", _KEY),
        judge="beside",
    ),
)
