"""NewsCatcher: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "newscatcher-api-key")

RULES = (
    Rule(
        id="newscatcher-api-key",
        description="NewsCatcher API key",
        patterns=(near("newscatcher", f"{WORD}{{43}}"),),
        url="https://www.newscatcherapi.com/docs/",
        revoke="Delete the API key in NewsCatcher's settings, and make a new one.",
        examples=named("newscatcher", _KEY),
        near_misses=one_off("newscatcher", _KEY),
        judge="beside",
    ),
)
