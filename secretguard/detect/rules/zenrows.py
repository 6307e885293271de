"""ZenRows: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "zenrows-api-key")

RULES = (
    Rule(
        id="zenrows-api-key",
        description="ZenRows API key",
        patterns=(near("zenrows", f"{HEX}{{40}}"),),
        url="https://docs.zenrows.com/",
        revoke="Delete the API key in ZenRows's settings, and make a new one.",
        examples=named("zenrows", _KEY),
        near_misses=one_off("zenrows", _KEY),
        judge="beside",
    ),
)
