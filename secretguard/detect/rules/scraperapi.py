"""ScraperAPI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "scraperapi-api-key")

RULES = (
    Rule(
        id="scraperapi-api-key",
        description="ScraperAPI API key",
        patterns=(near("scraper_?api", f"{HEX}{{32}}"),),
        url="https://docs.scraperapi.com/",
        revoke="Delete the API key in ScraperAPI's settings, and make a new one.",
        examples=named("scraperapi", _KEY),
        near_misses=one_off("scraperapi", _KEY),
        judge="beside",
    ),
)
