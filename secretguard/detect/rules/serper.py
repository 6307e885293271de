"""Serper: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "serper-api-key")

RULES = (
    Rule(
        id="serper-api-key",
        description="Serper API key",
        patterns=(near("serper", f"{HEX}{{40}}"),),
        url="https://serper.dev/",
        revoke="Delete the API key in Serper's settings, and make a new one.",
        examples=named("serper", _KEY),
        near_misses=one_off("serper", _KEY),
        judge="beside",
    ),
)
