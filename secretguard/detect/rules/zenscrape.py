"""Zenscrape: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("zenscrape-api-key")

RULES = (
    Rule(
        id="zenscrape-api-key",
        description="Zenscrape API key",
        patterns=(near("zenscrape", UUID),),
        url="https://app.zenscrape.com/documentation",
        revoke="Delete the API key in Zenscrape's settings, and make a new one.",
        examples=named("zenscrape", _KEY),
        near_misses=one_off("zenscrape", _KEY),
        judge="beside",
    ),
)
