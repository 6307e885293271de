"""ScrapeOwl: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(30, "scrapeowl-api-key")

RULES = (
    Rule(
        id="scrapeowl-api-key",
        description="ScrapeOwl API key",
        patterns=(near("scrapeowl", f"{ALNUM}{{30}}"),),
        url="https://scrapeowl.com/docs",
        revoke="Delete the API key in ScrapeOwl's settings, and make a new one.",
        examples=named("scrapeowl", _KEY),
        near_misses=one_off("scrapeowl", _KEY),
        judge="beside",
    ),
)
