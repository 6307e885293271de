"""CryptoCompare: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "cryptocompare-api-key")

RULES = (
    Rule(
        id="cryptocompare-api-key",
        description="CryptoCompare API key",
        patterns=(near("cryptocompare", f"{HEX}{{64}}"),),
        url="https://developers.coindesk.com/documentation/",
        revoke="Delete the API key in CryptoCompare's settings, and make a new one.",
        examples=named("cryptocompare", _KEY),
        near_misses=one_off("cryptocompare", _KEY),
        judge="beside",
    ),
)
