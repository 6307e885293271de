"""Diffbot: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "diffbot-token")

RULES = (
    Rule(
        id="diffbot-token",
        description="Diffbot token",
        patterns=(near("diffbot", f"{HEX}{{32}}"),),
        url="https://docs.diffbot.com/",
        revoke="Delete the token in Diffbot's settings, and make a new one.",
        examples=named("diffbot", _KEY),
        near_misses=one_off("diffbot", _KEY),
        judge="beside",
    ),
)
