"""StockData: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "stockdata-api-token")

RULES = (
    Rule(
        id="stockdata-api-token",
        description="StockData API token",
        patterns=(near("stockdata", f"{ALNUM}{{40}}"),),
        url="https://www.stockdata.org/documentation",
        revoke="Delete the API token in StockData's settings, and make a new one.",
        examples=named("stockdata", _KEY),
        near_misses=one_off("stockdata", _KEY),
        judge="beside",
    ),
)
