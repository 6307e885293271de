"""Kickbox: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "kickbox-api-key")

RULES = (
    Rule(
        id="kickbox-api-key",
        description="Kickbox API key",
        patterns=(near("kickbox", f"{HEX}{{64}}"),),
        url="https://docs.kickbox.com/docs/using-the-api",
        revoke="Delete the API key in Kickbox's settings, and make a new one.",
        examples=named("kickbox", _KEY),
        near_misses=one_off("kickbox", _KEY),
        judge="beside",
    ),
)
