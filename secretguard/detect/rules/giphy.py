"""Giphy: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "giphy-api-key")

RULES = (
    Rule(
        id="giphy-api-key",
        description="Giphy API key",
        patterns=(near("giphy", f"{ALNUM}{{32}}"),),
        url="https://developers.giphy.com/docs/api/",
        revoke="Delete the API key in Giphy's settings, and make a new one.",
        examples=named("giphy", _KEY),
        near_misses=one_off("giphy", _KEY),
        judge="beside",
    ),
)
