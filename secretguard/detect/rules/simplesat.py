"""Simplesat: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "simplesat-api-key")

RULES = (
    Rule(
        id="simplesat-api-key",
        description="Simplesat API key",
        patterns=(near("simplesat", f"{HEX}{{40}}"),),
        url="https://documenter.getpostman.com/",
        revoke="Delete the API key in Simplesat's settings, and make a new one.",
        examples=named("simplesat", _KEY),
        near_misses=one_off("simplesat", _KEY),
        judge="beside",
    ),
)
