"""Zipcodebase: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("zipcodebase-api-key")

RULES = (
    Rule(
        id="zipcodebase-api-key",
        description="Zipcodebase API key",
        patterns=(near("zipcodebase", UUID),),
        url="https://app.zipcodebase.com/documentation",
        revoke="Delete the API key in Zipcodebase's settings, and make a new one.",
        examples=named("zipcodebase", _KEY),
        near_misses=one_off("zipcodebase", _KEY),
        judge="beside",
    ),
)
