"""LightOn: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(40, "lighton-api-key")

RULES = (
    Rule(
        id="lighton-api-key",
        description="LightOn API key",
        patterns=(near("(?:lighton|paradigm)", f"{WORD}{{40}}"),),
        url="https://docs.lighton.ai/",
        revoke="Delete the API key in LightOn's settings, and make a new one.",
        examples=named("lighton", _KEY),
        near_misses=one_off("lighton", _KEY),
        judge="beside",
    ),
)
