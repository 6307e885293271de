"""Greptile: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(48, "greptile-api-key")

RULES = (
    Rule(
        id="greptile-api-key",
        description="Greptile API key",
        patterns=(near("greptile", "[A-Za-z0-9+/]{48}"),),
        url="https://www.greptile.com/docs/",
        revoke="Delete the API key in Greptile's settings, and make a new one.",
        examples=named("greptile", _KEY),
        near_misses=one_off("greptile", _KEY),
        judge="beside",
    ),
)
