"""HERE: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "hereapi-api-key")

RULES = (
    Rule(
        id="hereapi-api-key",
        description="HERE API key",
        patterns=(near("here(?:_?api|_?maps|_?app)", f"{WORD}{{43}}"),),
        url="https://www.here.com/docs/",
        revoke="Delete the API key in HERE's settings, and make a new one.",
        examples=named("hereapi", _KEY),
        near_misses=one_off("hereapi", _KEY),
        judge="beside",
    ),
)
