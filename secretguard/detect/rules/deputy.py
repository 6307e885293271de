"""Deputy: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "deputy-access-token")

RULES = (
    Rule(
        id="deputy-access-token",
        description="Deputy access token",
        patterns=(near(r"deputy(?:\.com|_?token|_?key)", f"{HEX}{{32}}"),),
        url="https://developer.deputy.com/",
        revoke="Delete the access token in Deputy's settings, and make a new one.",
        examples=named("deputy_token", _KEY),
        near_misses=one_off("deputy_token", _KEY),
        judge="beside",
    ),
)
