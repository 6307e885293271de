"""Chatwork: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "chatwork-api-token")

RULES = (
    Rule(
        id="chatwork-api-token",
        description="Chatwork API token",
        patterns=(near("chatwork", f"{HEX}{{32}}"),),
        url="https://developer.chatwork.com/docs/endpoints",
        revoke="Delete the API token in Chatwork's settings, and make a new one.",
        examples=named("chatwork", _KEY),
        near_misses=one_off("chatwork", _KEY),
        judge="beside",
    ),
)
