"""Blocknative: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("blocknative-api-key")

RULES = (
    Rule(
        id="blocknative-api-key",
        description="Blocknative API key",
        patterns=(near("blocknative", UUID),),
        url="https://docs.blocknative.com/",
        revoke="Delete the API key in Blocknative's settings, and make a new one.",
        examples=named("blocknative", _KEY),
        near_misses=one_off("blocknative", _KEY),
        judge="beside",
    ),
)
