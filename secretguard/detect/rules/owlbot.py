"""Owlbot: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "owlbot-api-token")

RULES = (
    Rule(
        id="owlbot-api-token",
        description="Owlbot API token",
        patterns=(near("owlbot", f"{HEX}{{40}}"),),
        url="https://owlbot.info/",
        revoke="Delete the API token in Owlbot's settings, and make a new one.",
        examples=named("owlbot", _KEY),
        near_misses=one_off("owlbot", _KEY),
        judge="beside",
    ),
)
