"""Opsgenie: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("opsgenie-api-key")

RULES = (
    Rule(
        id="opsgenie-api-key",
        description="Opsgenie API key",
        patterns=(near("opsgenie", UUID),),
        url="https://docs.opsgenie.com/docs/api-key-management",
        revoke="Delete the API key in Opsgenie's settings, and make a new one.",
        examples=named("opsgenie", _KEY),
        near_misses=one_off("opsgenie", _KEY),
        judge="beside",
    ),
)
