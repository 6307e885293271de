"""Scrutinizer: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "scrutinizer-access-token")

RULES = (
    Rule(
        id="scrutinizer-access-token",
        description="Scrutinizer access token",
        patterns=(near("scrutinizer", f"{HEX}{{64}}"),),
        url="https://scrutinizer-ci.com/docs/api/",
        revoke="Delete the access token in Scrutinizer's settings, and make a new one.",
        examples=named("scrutinizer", _KEY),
        near_misses=one_off("scrutinizer", _KEY),
        judge="beside",
    ),
)
