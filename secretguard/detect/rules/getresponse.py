"""GetResponse: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(32, "getresponse-api-key")

RULES = (
    Rule(
        id="getresponse-api-key",
        description="GetResponse API key",
        patterns=(near("getresponse", f"{LOWER}{{32}}"),),
        url="https://apireference.getresponse.com/",
        revoke="Delete the API key in GetResponse's settings, and make a new one.",
        examples=named("getresponse", _KEY),
        near_misses=one_off("getresponse", _KEY),
        judge="beside",
    ),
)
