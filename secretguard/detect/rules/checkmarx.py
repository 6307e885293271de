"""Checkmarx: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("checkmarx-client-secret")

RULES = (
    Rule(
        id="checkmarx-client-secret",
        description="Checkmarx client secret",
        patterns=(near("checkmarx", UUID),),
        url="https://docs.checkmarx.com/",
        revoke="Delete the client secret in Checkmarx's settings, and make a new one.",
        examples=named("checkmarx", _KEY),
        near_misses=one_off("checkmarx", _KEY),
        judge="beside",
    ),
)
