"""Jotform: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "jotform-api-key")

RULES = (
    Rule(
        id="jotform-api-key",
        description="Jotform API key",
        patterns=(near("jotform", f"{HEX}{{32}}"),),
        url="https://api.jotform.com/docs/",
        revoke="Delete the API key in Jotform's settings, and make a new one.",
        examples=named("jotform", _KEY),
        near_misses=one_off("jotform", _KEY),
        judge="beside",
    ),
)
