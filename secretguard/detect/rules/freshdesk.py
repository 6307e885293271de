"""Freshdesk: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(20, "freshdesk-api-key")

RULES = (
    Rule(
        id="freshdesk-api-key",
        description="Freshdesk API key",
        patterns=(near("freshdesk", f"{ALNUM}{{20}}"),),
        url="https://developers.freshdesk.com/api/#authentication",
        revoke="Delete the API key in Freshdesk's settings, and make a new one.",
        examples=named("freshdesk", _KEY),
        near_misses=one_off("freshdesk", _KEY),
        judge="beside",
    ),
)
