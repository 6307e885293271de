"""Hunter: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "hunterio-api-key")

RULES = (
    Rule(
        id="hunterio-api-key",
        description="Hunter API key",
        patterns=(near(r"hunter(?:\.io|_?io|_?api|_?key)", f"{HEX}{{40}}"),),
        url="https://hunter.io/api-documentation/v2",
        revoke="Delete the API key in Hunter's settings, and make a new one.",
        examples=named("hunter_key", _KEY),
        near_misses=one_off("hunter_key", _KEY),
        judge="beside",
    ),
)
