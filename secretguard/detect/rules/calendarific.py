"""Calendarific: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "calendarific-api-key")

RULES = (
    Rule(
        id="calendarific-api-key",
        description="Calendarific API key",
        patterns=(near("calendarific", f"{ALNUM}{{32}}"),),
        url="https://calendarific.com/api-documentation",
        revoke="Delete the API key in Calendarific's settings, and make a new one.",
        examples=named("calendarific", _KEY),
        near_misses=one_off("calendarific", _KEY),
        judge="beside",
    ),
)
