"""Lokalise: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "lokalise-api-token")

RULES = (
    Rule(
        id="lokalise-api-token",
        description="Lokalise API token",
        patterns=(near("lokalise", f"{HEX}{{40}}"),),
        url="https://developers.lokalise.com/reference/api-authentication",
        revoke="Delete the API token in Lokalise's settings, and make a new one.",
        examples=named("lokalise", _KEY),
        near_misses=one_off("lokalise", _KEY),
        judge="beside",
    ),
)
