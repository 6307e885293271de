"""Zendesk: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "zendesk-api-token")

RULES = (
    Rule(
        id="zendesk-api-token",
        description="Zendesk API token",
        patterns=(near("zendesk", f"{ALNUM}{{40}}"),),
        url="https://developer.zendesk.com/api-reference/introduction/security-and-auth/",
        revoke="Delete the API token in Zendesk's settings, and make a new one.",
        examples=named("zendesk", _KEY),
        near_misses=one_off("zendesk", _KEY),
        judge="beside",
    ),
)
