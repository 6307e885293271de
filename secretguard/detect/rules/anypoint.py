"""Anypoint: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("anypoint-client-secret")

RULES = (
    Rule(
        id="anypoint-client-secret",
        description="Anypoint client secret",
        patterns=(near("anypoint", UUID),),
        url="https://docs.mulesoft.com/access-management/",
        revoke="Delete the client secret in Anypoint's settings, and make a new one.",
        examples=named("anypoint", _KEY),
        near_misses=one_off("anypoint", _KEY),
        judge="beside",
    ),
)
