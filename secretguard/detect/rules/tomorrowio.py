"""Tomorrow.io: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "tomorrowio-api-key")

RULES = (
    Rule(
        id="tomorrowio-api-key",
        description="Tomorrow.io API key",
        patterns=(near("tomorrow_?io", f"{ALNUM}{{32}}"),),
        url="https://docs.tomorrow.io/reference/intro/authentication",
        revoke="Delete the API key in Tomorrow.io's settings, and make a new one.",
        examples=named("tomorrowio", _KEY),
        near_misses=one_off("tomorrowio", _KEY),
        judge="beside",
    ),
)
