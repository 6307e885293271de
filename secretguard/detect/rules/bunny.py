"""bunny.net: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(72, "bunny-api-key")

RULES = (
    Rule(
        id="bunny-api-key",
        description="bunny.net API key",
        patterns=(near("bunny_?(?:net|cdn)", f"{WORD}{{72}}"),),
        url="https://docs.bunny.net/reference/bunnynet-api-overview",
        revoke="Delete the API key in bunny.net's settings, and make a new one.",
        examples=named("bunnycdn", _KEY),
        near_misses=one_off("bunnycdn", _KEY),
        judge="beside",
    ),
)
