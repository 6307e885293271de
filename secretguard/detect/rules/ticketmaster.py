"""Ticketmaster: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "ticketmaster-api-key")

RULES = (
    Rule(
        id="ticketmaster-api-key",
        description="Ticketmaster API key",
        patterns=(near("ticketmaster", f"{ALNUM}{{32}}"),),
        url="https://developer.ticketmaster.com/products-and-docs/apis/getting-started/",
        revoke="Delete the API key in Ticketmaster's settings, and make a new one.",
        examples=named("ticketmaster", _KEY),
        near_misses=one_off("ticketmaster", _KEY),
        judge="beside",
    ),
)
