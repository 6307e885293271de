"""ScrapingBee: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(80, "scrapingbee-api-key")

RULES = (
    Rule(
        id="scrapingbee-api-key",
        description="ScrapingBee API key",
        patterns=(near("scrapingbee", f"{UPPER}{{80}}"),),
        url="https://www.scrapingbee.com/documentation/",
        revoke="Delete the API key in ScrapingBee's settings, and make a new one.",
        examples=named("scrapingbee", _KEY),
        near_misses=one_off("scrapingbee", _KEY),
        judge="beside",
    ),
)
