"""New York Times: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "nytimes-api-key")

RULES = (
    Rule(
        id="nytimes-api-key",
        description="New York Times API key",
        patterns=(near("(?:nytimes|new-york-times|newyorktimes)", f"{ALNUM}{{32}}"),),
        url="https://developer.nytimes.com/get-started",
        revoke="Delete the API key in New York Times's settings, and make a new one.",
        examples=named("nytimes", _KEY),
        near_misses=one_off("nytimes", _KEY),
        judge="beside",
    ),
)
