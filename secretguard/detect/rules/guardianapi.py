"""The Guardian: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("guardianapi-api-key")

RULES = (
    Rule(
        id="guardianapi-api-key",
        description="The Guardian API key",
        patterns=(near("guardian(?:apis|_?api|_?key)", UUID),),
        url="https://open-platform.theguardian.com/documentation/",
        revoke="Delete the API key in The Guardian's settings, and make a new one.",
        examples=named("guardian_key", _KEY),
        near_misses=one_off("guardian_key", _KEY),
        judge="beside",
    ),
)
