"""Toggl Track: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "toggl-api-token")

RULES = (
    Rule(
        id="toggl-api-token",
        description="Toggl Track API token",
        patterns=(near("toggl", f"{HEX}{{32}}"),),
        url="https://engineering.toggl.com/docs/authentication",
        revoke="Delete the API token in Toggl Track's settings, and make a new one.",
        examples=named("toggl", _KEY),
        near_misses=one_off("toggl", _KEY),
        judge="beside",
    ),
)
