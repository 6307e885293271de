"""Gitea: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "gitea-access-token")

RULES = (
    Rule(
        id="gitea-access-token",
        description="Gitea access token",
        patterns=(near("gitea", f"{HEX}{{40}}"),),
        url="https://docs.gitea.com/development/api-usage",
        revoke="Delete the access token in Gitea's settings, and make a new one.",
        examples=named("gitea", _KEY),
        near_misses=one_off("gitea", _KEY),
        judge="beside",
    ),
)
