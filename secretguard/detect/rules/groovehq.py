"""Groove: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "groovehq-access-token")

RULES = (
    Rule(
        id="groovehq-access-token",
        description="Groove access token",
        patterns=(near("groovehq", f"{HEX}{{64}}"),),
        url="https://developer.groovehq.com/",
        revoke="Delete the access token in Groove's settings, and make a new one.",
        examples=named("groovehq", _KEY),
        near_misses=one_off("groovehq", _KEY),
        judge="beside",
    ),
)
