"""Statuspage: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("statuspage-api-key")

RULES = (
    Rule(
        id="statuspage-api-key",
        description="Statuspage API key",
        patterns=(near("statuspage", UUID),),
        url="https://developer.statuspage.io/",
        revoke="Delete the API key in Statuspage's settings, and make a new one.",
        examples=named("statuspage", _KEY),
        near_misses=one_off("statuspage", _KEY),
        judge="beside",
    ),
)
