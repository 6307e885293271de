"""ExchangeRate-API: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(24, "exchangerateapi-api-key")

RULES = (
    Rule(
        id="exchangerateapi-api-key",
        description="ExchangeRate-API API key",
        patterns=(near("exchange_?rate", f"{HEX}{{24}}"),),
        url="https://www.exchangerate-api.com/docs/overview",
        revoke="Delete the API key in ExchangeRate-API's settings, and make a new one.",
        examples=named("exchangerate", _KEY),
        near_misses=one_off("exchangerate", _KEY),
        judge="beside",
    ),
)
