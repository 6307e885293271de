"""Budibase: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(70, "budibase-api-key")

RULES = (
    Rule(
        id="budibase-api-key",
        description="Budibase API key",
        patterns=(near("budibase", f"{HEX}{{70}}"),),
        url="https://docs.budibase.com/docs/public-api",
        revoke="Delete the API key in Budibase's settings, and make a new one.",
        examples=named("budibase", _KEY),
        near_misses=one_off("budibase", _KEY),
        judge="beside",
    ),
)
