"""Infomaniak: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(68, "infomaniak-api-token")

RULES = (
    Rule(
        id="infomaniak-api-token",
        description="Infomaniak API token",
        patterns=(near("infomaniak", f"{WORD}{{68}}"),),
        url="https://developer.infomaniak.com/docs/api",
        revoke="Delete the API token in Infomaniak's settings, and make a new one.",
        examples=named("infomaniak", _KEY),
        near_misses=one_off("infomaniak", _KEY),
        judge="beside",
    ),
)
