"""AI21 Labs: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("ai21-api-key")

RULES = (
    Rule(
        id="ai21-api-key",
        description="AI21 Labs API key",
        patterns=(near("ai21", UUID),),
        url="https://docs.ai21.com/reference/authentication",
        revoke="Delete the API key in AI21 Labs's settings, and make a new one.",
        examples=named("ai21", _KEY),
        near_misses=one_off("ai21", _KEY),
        judge="beside",
    ),
)
