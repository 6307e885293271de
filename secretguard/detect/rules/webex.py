"""Webex: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(106, "webex-access-token")

RULES = (
    Rule(
        id="webex-access-token",
        description="Webex access token",
        patterns=(near("webex", f"{WORD}{{106}}"),),
        url="https://developer.webex.com/docs/bots",
        revoke="Delete the access token in Webex's settings, and make a new one.",
        examples=named("webex", _KEY),
        near_misses=one_off("webex", _KEY),
        judge="beside",
    ),
)
