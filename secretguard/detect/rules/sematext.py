"""Sematext: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("sematext-api-key")

RULES = (
    Rule(
        id="sematext-api-key",
        description="Sematext API key",
        patterns=(near("sematext", UUID),),
        url="https://sematext.com/docs/api/",
        revoke="Delete the API key in Sematext's settings, and make a new one.",
        examples=named("sematext", _KEY),
        near_misses=one_off("sematext", _KEY),
        judge="beside",
    ),
)
