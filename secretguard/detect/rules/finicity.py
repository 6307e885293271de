"""Finicity: API tokens, client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, Rule, named, near, one_off

_API_TOKEN = made_up.hexadecimal(32, "finicity-api-token")
_CLIENT_SECRET = made_up.alnum(20, "finicity-client-secret")

RULES = (
    Rule(
        id="finicity-api-token",
        description="Finicity API token",
        patterns=(near("finicity", f"{HEX}{{32}}"),),
        url="https://developer.mastercard.com/open-finance-us/documentation/",
        revoke="Delete the API token in Finicity's settings, and make a new one.",
        examples=named("finicity", _API_TOKEN),
        near_misses=one_off("finicity", _API_TOKEN),
        judge="beside",
    ),
    Rule(
        id="finicity-client-secret",
        description="Finicity client secret",
        patterns=(near("finicity", f"{ALNUM}{{20}}"),),
        url="https://developer.mastercard.com/open-finance-us/documentation/",
        revoke="Delete the client secret in Finicity's settings, and make a new one.",
        examples=named("finicity", _CLIENT_SECRET),
        near_misses=one_off("finicity", _CLIENT_SECRET),
        judge="beside",
    ),
)
