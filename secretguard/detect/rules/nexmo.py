"""Vonage: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, keyed

_KEY = made_up.alnum(16, "nexmo-api-secret")

RULES = (
    Rule(
        id="nexmo-api-secret",
        description="Vonage API secret",
        patterns=(keyed("(?:(?:nexmo|vonage))", f"{ALNUM}{{16}}"),),
        url="https://developer.vonage.com/en/account/secret-management",
        revoke="Delete the API secret in Vonage's settings, and make a new one.",
        examples=((f"NEXMO_API_KEY={_KEY}", _KEY), (f"nexmo_token: '{_KEY}'", _KEY)),
        near_misses=(f"NEXMO_API_KEY={_KEY[:-1]}", "NEXMO_API_KEY=$KEY"),
        judge="random",
    ),
)
