"""Polygon.io: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "polygonio-api-key")

RULES = (
    Rule(
        id="polygonio-api-key",
        description="Polygon.io API key",
        patterns=(near(r"polygon(?:_?io|\.io|_?api|_?key)", f"{ALNUM}{{32}}"),),
        url="https://polygon.io/docs",
        revoke="Delete the API key in Polygon.io's settings, and make a new one.",
        examples=named("polygon_key", _KEY),
        near_misses=one_off("polygon_key", _KEY),
        judge="beside",
    ),
)
