"""Iconfinder: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "iconfinder-api-key")

RULES = (
    Rule(
        id="iconfinder-api-key",
        description="Iconfinder API key",
        patterns=(near("iconfinder", f"{ALNUM}{{64}}"),),
        url="https://developer.iconfinder.com/",
        revoke="Delete the API key in Iconfinder's settings, and make a new one.",
        examples=named("iconfinder", _KEY),
        near_misses=one_off("iconfinder", _KEY),
        judge="beside",
    ),
)
