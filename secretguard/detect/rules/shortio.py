"""Short.io: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "shortio-api-key")

RULES = (
    Rule(
        id="shortio-api-key",
        description="Short.io API key",
        patterns=(near("short_?io", f"{ALNUM}{{32}}"),),
        url="https://developers.short.io/",
        revoke="Delete the API key in Short.io's settings, and make a new one.",
        examples=named("shortio", _KEY),
        near_misses=one_off("shortio", _KEY),
        judge="beside",
    ),
)
