"""Bitly: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "bitly-access-token")

RULES = (
    Rule(
        id="bitly-access-token",
        description="Bitly access token",
        patterns=(near(r"bit\.?ly", f"{HEX}{{40}}"),),
        url="https://dev.bitly.com/docs/getting-started/authentication/",
        revoke="Delete the access token in Bitly's settings, and make a new one.",
        examples=named("bitly", _KEY),
        near_misses=one_off("bitly", _KEY),
        judge="beside",
    ),
)
