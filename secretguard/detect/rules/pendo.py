"""Pendo: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "pendo-api-key")

RULES = (
    Rule(
        id="pendo-api-key",
        description="Pendo API key",
        patterns=(near("pendo", f"{ALNUM}{{40}}"),),
        url="https://support.pendo.io/",
        revoke="Delete the API key in Pendo's settings, and make a new one.",
        examples=named("pendo", _KEY),
        near_misses=one_off("pendo", _KEY),
        judge="beside",
    ),
)
