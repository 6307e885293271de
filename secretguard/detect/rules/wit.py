"""Wit.ai: server access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(32, "wit-server-access-token")

RULES = (
    Rule(
        id="wit-server-access-token",
        description="Wit.ai server access token",
        patterns=(near("wit_?ai", f"{UPPER}{{32}}"),),
        url="https://wit.ai/docs/http/",
        revoke="Delete the server access token in Wit.ai's settings, and make a new one.",
        examples=named("wit_ai", _KEY),
        near_misses=one_off("wit_ai", _KEY),
        judge="beside",
    ),
)
