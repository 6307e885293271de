"""APIMatic: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(64, "apimatic-api-key")

RULES = (
    Rule(
        id="apimatic-api-key",
        description="APIMatic API key",
        patterns=(near("apimatic", f"{WORD}{{64}}"),),
        url="https://docs.apimatic.io/",
        revoke="Delete the API key in APIMatic's settings, and make a new one.",
        examples=named("apimatic", _KEY),
        near_misses=one_off("apimatic", _KEY),
        judge="beside",
    ),
)
