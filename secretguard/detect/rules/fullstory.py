"""FullStory: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(60, "fullstory-api-key")

RULES = (
    Rule(
        id="fullstory-api-key",
        description="FullStory API key",
        patterns=(near("fullstory", "[A-Za-z0-9+/]{60}"),),
        url="https://developer.fullstory.com/",
        revoke="Delete the API key in FullStory's settings, and make a new one.",
        examples=named("fullstory", _KEY),
        near_misses=one_off("fullstory", _KEY),
        judge="beside",
    ),
)
