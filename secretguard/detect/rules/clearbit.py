"""Clearbit: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(35, "clearbit-api-key")

RULES = (
    Rule(
        id="clearbit-api-key",
        description="Clearbit API key",
        patterns=(near("clearbit", f"{WORD}{{35}}"),),
        url="https://dashboard.clearbit.com/docs",
        revoke="Delete the API key in Clearbit's settings, and make a new one.",
        examples=named("clearbit", _KEY),
        near_misses=one_off("clearbit", _KEY),
        judge="beside",
    ),
)
