"""Snyk: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("snyk-api-token")

RULES = (
    Rule(
        id="snyk-api-token",
        description="Snyk API token",
        patterns=(near("snyk", UUID),),
        url="https://docs.snyk.io/snyk-api/authentication-for-api",
        revoke="Delete the API token in Snyk's settings, and make a new one.",
        examples=named("snyk", _KEY),
        near_misses=one_off("snyk", _KEY),
        judge="beside",
    ),
)
