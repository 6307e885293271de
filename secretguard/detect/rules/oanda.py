"""OANDA: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(65, "oanda-access-token")

RULES = (
    Rule(
        id="oanda-access-token",
        description="OANDA access token",
        patterns=(near("oanda", f"{WORD}{{65}}"),),
        url="https://developer.oanda.com/rest-live-v20/introduction/",
        revoke="Delete the access token in OANDA's settings, and make a new one.",
        examples=named("oanda", _KEY),
        near_misses=one_off("oanda", _KEY),
        judge="beside",
    ),
)
