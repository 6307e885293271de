"""Baremetrics: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(25, "baremetrics-api-key")

RULES = (
    Rule(
        id="baremetrics-api-key",
        description="Baremetrics API key",
        patterns=(near("baremetrics", f"{ALNUM}{{25}}"),),
        url="https://developers.baremetrics.com/",
        revoke="Delete the API key in Baremetrics's settings, and make a new one.",
        examples=named("baremetrics", _KEY),
        near_misses=one_off("baremetrics", _KEY),
        judge="beside",
    ),
)
