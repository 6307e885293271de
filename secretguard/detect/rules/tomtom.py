"""TomTom: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "tomtom-api-key")

RULES = (
    Rule(
        id="tomtom-api-key",
        description="TomTom API key",
        patterns=(near("tomtom", f"{ALNUM}{{32}}"),),
        url="https://developer.tomtom.com/knowledgebase/platform/articles/how-to-get-an-tomtom-api-key/",
        revoke="Delete the API key in TomTom's settings, and make a new one.",
        examples=named("tomtom", _KEY),
        near_misses=one_off("tomtom", _KEY),
        judge="beside",
    ),
)
