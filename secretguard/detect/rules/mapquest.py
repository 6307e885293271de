"""MapQuest: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "mapquest-api-key")

RULES = (
    Rule(
        id="mapquest-api-key",
        description="MapQuest API key",
        patterns=(near("mapquest", f"{ALNUM}{{32}}"),),
        url="https://developer.mapquest.com/documentation/",
        revoke="Delete the API key in MapQuest's settings, and make a new one.",
        examples=named("mapquest", _KEY),
        near_misses=one_off("mapquest", _KEY),
        judge="beside",
    ),
)
