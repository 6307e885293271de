"""Data.gov: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "datagov-api-key")

RULES = (
    Rule(
        id="datagov-api-key",
        description="Data.gov API key",
        patterns=(near(r"data\.?gov", f"{ALNUM}{{40}}"),),
        url="https://api.data.gov/docs/developer-manual/",
        revoke="Delete the API key in Data.gov's settings, and make a new one.",
        examples=named("datagov", _KEY),
        near_misses=one_off("datagov", _KEY),
        judge="beside",
    ),
)
