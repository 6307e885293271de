"""urlscan.io: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("urlscan-api-key")

RULES = (
    Rule(
        id="urlscan-api-key",
        description="urlscan.io API key",
        patterns=(near("urlscan", UUID),),
        url="https://urlscan.io/docs/api/",
        revoke="Delete the API key in urlscan.io's settings, and make a new one.",
        examples=named("urlscan", _KEY),
        near_misses=one_off("urlscan", _KEY),
        judge="beside",
    ),
)
