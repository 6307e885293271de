"""Braintree: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "access_token$production$" + made_up.lower(16, "q") + "$" + made_up.hexadecimal(32, "braintree-access-token")

RULES = (
    Rule(
        id="braintree-access-token",
        description="Braintree access token",
        patterns=(token(r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$", HEX, 32),),
        url="https://developer.paypal.com/braintree/docs/guides/extend/oauth/access-tokens",
        revoke="Delete the access token in Braintree's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "access_token$production$" + made_up.lower(16, "q") + "$" + "x" * 32),
    ),
)
