"""CoinAPI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("coinapi-api-key")

RULES = (
    Rule(
        id="coinapi-api-key",
        description="CoinAPI API key",
        patterns=(near("coinapi", UUID),),
        url="https://docs.coinapi.io/",
        revoke="Delete the API key in CoinAPI's settings, and make a new one.",
        examples=named("coinapi", _KEY),
        near_misses=one_off("coinapi", _KEY),
        judge="beside",
    ),
)
