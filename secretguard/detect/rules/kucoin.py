"""KuCoin: API keys, API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, UUID, Rule, named, near, one_off

_API_SECRET = made_up.uuid("kucoin-api-secret")
_API_KEY = made_up.hexadecimal(24, "kucoin-api-key")

RULES = (
    Rule(
        id="kucoin-api-secret",
        description="KuCoin API secret",
        patterns=(near("kucoin", UUID),),
        url="https://www.kucoin.com/docs/basics/connection-method/authentication/creating-a-request",
        revoke="Delete the API secret in KuCoin's settings, and make a new one.",
        examples=named("kucoin", _API_SECRET),
        near_misses=one_off("kucoin", _API_SECRET),
        judge="beside",
    ),
    Rule(
        id="kucoin-api-key",
        description="KuCoin API key",
        patterns=(near("kucoin", f"{HEX}{{24}}"),),
        url="https://www.kucoin.com/docs/basics/connection-method/authentication/creating-a-request",
        revoke="Delete the API key in KuCoin's settings, and make a new one.",
        examples=named("kucoin", _API_KEY),
        near_misses=one_off("kucoin", _API_KEY),
        judge="beside",
    ),
)
