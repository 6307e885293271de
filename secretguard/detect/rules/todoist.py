"""Todoist: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "todoist-api-token")

RULES = (
    Rule(
        id="todoist-api-token",
        description="Todoist API token",
        patterns=(near("todoist", f"{HEX}{{40}}"),),
        url="https://developer.todoist.com/api/v1/",
        revoke="Delete the API token in Todoist's settings, and make a new one.",
        examples=named("todoist", _KEY),
        near_misses=one_off("todoist", _KEY),
        judge="beside",
    ),
)
