"""Messari: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("messari-api-key")

RULES = (
    Rule(
        id="messari-api-key",
        description="Messari API key",
        patterns=(near("messari", UUID),),
        url="https://docs.messari.io/",
        revoke="Delete the API key in Messari's settings, and make a new one.",
        examples=named("messari", _KEY),
        near_misses=one_off("messari", _KEY),
        judge="beside",
    ),
)
