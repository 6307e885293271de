"""ScrapingAnt: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "scrapingant-api-key")

RULES = (
    Rule(
        id="scrapingant-api-key",
        description="ScrapingAnt API key",
        patterns=(near("scrapingant", f"{HEX}{{32}}"),),
        url="https://docs.scrapingant.com/",
        revoke="Delete the API key in ScrapingAnt's settings, and make a new one.",
        examples=named("scrapingant", _KEY),
        near_misses=one_off("scrapingant", _KEY),
        judge="beside",
    ),
)
