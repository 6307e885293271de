"""Bannerbear: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(24, "bannerbear-api-key")

RULES = (
    Rule(
        id="bannerbear-api-key",
        description="Bannerbear API key",
        patterns=(near("bannerbear", f"{ALNUM}{{24}}"),),
        url="https://developers.bannerbear.com/",
        revoke="Delete the API key in Bannerbear's settings, and make a new one.",
        examples=named("bannerbear", _KEY),
        near_misses=one_off("bannerbear", _KEY),
        judge="beside",
    ),
)
