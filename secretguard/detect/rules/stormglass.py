"""Storm Glass: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(73, "stormglass-api-key")

RULES = (
    Rule(
        id="stormglass-api-key",
        description="Storm Glass API key",
        patterns=(near("stormglass", f"{WORD}{{73}}"),),
        url="https://docs.stormglass.io/",
        revoke="Delete the API key in Storm Glass's settings, and make a new one.",
        examples=named("stormglass", _KEY),
        near_misses=one_off("stormglass", _KEY),
        judge="beside",
    ),
)
