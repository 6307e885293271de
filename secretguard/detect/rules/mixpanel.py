"""Mixpanel: project tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "mixpanel-project-token")

RULES = (
    Rule(
        id="mixpanel-project-token",
        description="Mixpanel project token",
        patterns=(near("mixpanel", f"{HEX}{{32}}"),),
        url="https://developer.mixpanel.com/reference/project-token",
        revoke="Delete the project token in Mixpanel's settings, and make a new one.",
        examples=named("mixpanel", _KEY),
        near_misses=one_off("mixpanel", _KEY),
        judge="beside",
    ),
)
