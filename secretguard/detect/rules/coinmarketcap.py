"""CoinMarketCap: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("coinmarketcap-api-key")

RULES = (
    Rule(
        id="coinmarketcap-api-key",
        description="CoinMarketCap API key",
        patterns=(near("(?:coinmarketcap|CMC_PRO)", UUID),),
        url="https://coinmarketcap.com/api/documentation/v1/",
        revoke="Delete the API key in CoinMarketCap's settings, and make a new one.",
        examples=named("coinmarketcap", _KEY),
        near_misses=one_off("coinmarketcap", _KEY),
        judge="beside",
    ),
)
