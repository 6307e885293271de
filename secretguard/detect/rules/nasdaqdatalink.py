"""Nasdaq Data Link: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, keyed

_KEY = made_up.alnum(20, "nasdaqdatalink-api-key")

RULES = (
    Rule(
        id="nasdaqdatalink-api-key",
        description="Nasdaq Data Link API key",
        patterns=(keyed("(?:(?:nasdaq|quandl))", f"{WORD}{{20}}"),),
        url="https://docs.data.nasdaq.com/docs/getting-started",
        revoke="Delete the API key in Nasdaq Data Link's settings, and make a new one.",
        examples=((f"NASDAQ_API_KEY={_KEY}", _KEY), (f"nasdaq_token: '{_KEY}'", _KEY)),
        near_misses=(f"NASDAQ_API_KEY={_KEY[:-1]}", "NASDAQ_API_KEY=$KEY"),
        judge="random",
    ),
)
