"""APILayer: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(32, "apilayer-api-key")

RULES = (
    Rule(
        id="apilayer-api-key",
        description="APILayer API key",
        patterns=(
            near(
                r"(?:api_?layer|currency_?layer|weather_?stack|ip_?stack|market_?stack|aviation_?stack|media_?stack|position_?stack|num_?verify|pdf_?layer|user_?stack|screenshot_?layer|scrape_?stack|serp_?stack|zen_?serp|vat_?layer|mailbox_?layer|language_?layer|country_?layer|coin_?layer|fixer\.io)",
                f"{LOWER}{{32}}",
            ),
        ),
        url="https://apilayer.com/docs",
        revoke="Delete the API key in APILayer's settings, and make a new one.",
        examples=named("apilayer", _KEY),
        near_misses=one_off("apilayer", _KEY),
        judge="beside",
    ),
)
