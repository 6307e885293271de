"""Tiingo: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "tiingo-api-token")

RULES = (
    Rule(
        id="tiingo-api-token",
        description="Tiingo API token",
        patterns=(near("tiingo", f"{HEX}{{40}}"),),
        url="https://www.tiingo.com/documentation/general/overview",
        revoke="Delete the API token in Tiingo's settings, and make a new one.",
        examples=named("tiingo", _KEY),
        near_misses=one_off("tiingo", _KEY),
        judge="beside",
    ),
)
