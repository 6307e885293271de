"""Alpha Vantage: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, keyed

_KEY = made_up.upper(16, "alphavantage-api-key")

RULES = (
    Rule(
        id="alphavantage-api-key",
        description="Alpha Vantage API key",
        patterns=(keyed("alpha_?vantage", f"{UPPER}{{16}}"),),
        url="https://www.alphavantage.co/documentation/",
        revoke="Delete the API key in Alpha Vantage's settings, and make a new one.",
        examples=((f"ALPHAVANTAGE_API_KEY={_KEY}", _KEY), (f"alphavantage_token: '{_KEY}'", _KEY)),
        near_misses=(f"ALPHAVANTAGE_API_KEY={_KEY[:-1]}", "ALPHAVANTAGE_API_KEY=$KEY"),
        judge="random",
    ),
)
