"""Happy Scribe: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(24, "happyscribe-api-key")

RULES = (
    Rule(
        id="happyscribe-api-key",
        description="Happy Scribe API key",
        patterns=(near("happyscribe", f"{ALNUM}{{24}}"),),
        url="https://dev.happyscribe.com/",
        revoke="Delete the API key in Happy Scribe's settings, and make a new one.",
        examples=named("happyscribe", _KEY),
        near_misses=one_off("happyscribe", _KEY),
        judge="beside",
    ),
)
