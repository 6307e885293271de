"""Shodan: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "shodan-api-key")

RULES = (
    Rule(
        id="shodan-api-key",
        description="Shodan API key",
        patterns=(near("shodan", f"{ALNUM}{{32}}"),),
        url="https://developer.shodan.io/",
        revoke="Delete the API key in Shodan's settings, and make a new one.",
        examples=named("shodan", _KEY),
        near_misses=one_off("shodan", _KEY),
        judge="beside",
    ),
)
