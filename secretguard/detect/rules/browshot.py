"""Browshot: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(28, "browshot-api-key")

RULES = (
    Rule(
        id="browshot-api-key",
        description="Browshot API key",
        patterns=(near("browshot", f"{ALNUM}{{28}}"),),
        url="https://browshot.com/api/documentation",
        revoke="Delete the API key in Browshot's settings, and make a new one.",
        examples=named("browshot", _KEY),
        near_misses=one_off("browshot", _KEY),
        judge="beside",
    ),
)
