"""Logz.io: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("logzio-api-token")

RULES = (
    Rule(
        id="logzio-api-token",
        description="Logz.io API token",
        patterns=(near("logz_?io", UUID),),
        url="https://docs.logz.io/docs/user-guide/admin/authentication-tokens/api-tokens/",
        revoke="Delete the API token in Logz.io's settings, and make a new one.",
        examples=named("logzio", _KEY),
        near_misses=one_off("logzio", _KEY),
        judge="beside",
    ),
)
