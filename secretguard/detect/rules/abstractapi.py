"""Abstract API: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "abstractapi-api-key")

RULES = (
    Rule(
        id="abstractapi-api-key",
        description="Abstract API API key",
        patterns=(near("abstract_?api", f"{HEX}{{32}}"),),
        url="https://docs.abstractapi.com/",
        revoke="Delete the API key in Abstract API's settings, and make a new one.",
        examples=named("abstractapi", _KEY),
        near_misses=one_off("abstractapi", _KEY),
        judge="beside",
    ),
)
