"""Mattermost: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(26, "mattermost-access-token")

RULES = (
    Rule(
        id="mattermost-access-token",
        description="Mattermost access token",
        patterns=(near("mattermost", f"{LOWER}{{26}}"),),
        url="https://developers.mattermost.com/integrate/reference/personal-access-token/",
        revoke="Delete the access token in Mattermost's settings, and make a new one.",
        examples=named("mattermost", _KEY),
        near_misses=one_off("mattermost", _KEY),
        judge="beside",
    ),
)
