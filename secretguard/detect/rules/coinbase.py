"""Coinbase: API secrets, access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, WORD, Rule, named, near, one_off

_API_SECRET = made_up.alnum(32, "coinbase-api-secret")
_ACCESS_TOKEN = made_up.alnum(64, "coinbase-access-token")

RULES = (
    Rule(
        id="coinbase-api-secret",
        description="Coinbase API secret",
        patterns=(near("coinbase", f"{ALNUM}{{32}}"),),
        url="https://docs.cdp.coinbase.com/",
        revoke="Delete the API secret in Coinbase's settings, and make a new one.",
        examples=named("coinbase", _API_SECRET),
        near_misses=one_off("coinbase", _API_SECRET),
        judge="beside",
    ),
    Rule(
        id="coinbase-access-token",
        description="Coinbase access token",
        patterns=(near("coinbase", f"{WORD}{{64}}"),),
        url="https://docs.cdp.coinbase.com/",
        revoke="Delete the access token in Coinbase's settings, and make a new one.",
        examples=named("coinbase", _ACCESS_TOKEN),
        near_misses=one_off("coinbase", _ACCESS_TOKEN),
        judge="beside",
    ),
)
