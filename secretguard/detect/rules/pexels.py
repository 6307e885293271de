"""Pexels: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(56, "pexels-api-key")

RULES = (
    Rule(
        id="pexels-api-key",
        description="Pexels API key",
        patterns=(near("pexels", f"{ALNUM}{{56}}"),),
        url="https://www.pexels.com/api/documentation/",
        revoke="Delete the API key in Pexels's settings, and make a new one.",
        examples=named("pexels", _KEY),
        near_misses=one_off("pexels", _KEY),
        judge="beside",
    ),
)
