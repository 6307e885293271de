"""IQAir: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("airvisual-api-key")

RULES = (
    Rule(
        id="airvisual-api-key",
        description="IQAir API key",
        patterns=(near("(?:airvisual|iqair)", UUID),),
        url="https://api-docs.iqair.com/",
        revoke="Delete the API key in IQAir's settings, and make a new one.",
        examples=named("airvisual", _KEY),
        near_misses=one_off("airvisual", _KEY),
        judge="beside",
    ),
)
