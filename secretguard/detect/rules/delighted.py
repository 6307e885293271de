"""Delighted: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "delighted-api-key")

RULES = (
    Rule(
        id="delighted-api-key",
        description="Delighted API key",
        patterns=(near(r"delighted(?:_?api|_?key|\.com|_?token)", f"{ALNUM}{{32}}"),),
        url="https://app.delighted.com/docs/api",
        revoke="Delete the API key in Delighted's settings, and make a new one.",
        examples=named("delighted_key", _KEY),
        near_misses=one_off("delighted_key", _KEY),
        judge="beside",
    ),
)
