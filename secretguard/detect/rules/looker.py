"""Looker: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(24, "looker-client-secret")

RULES = (
    Rule(
        id="looker-client-secret",
        description="Looker client secret",
        patterns=(near("looker", f"{ALNUM}{{24}}"),),
        url="https://cloud.google.com/looker/docs/api-auth",
        revoke="Delete the client secret in Looker's settings, and make a new one.",
        examples=named("looker", _KEY),
        near_misses=one_off("looker", _KEY),
        judge="beside",
    ),
)
