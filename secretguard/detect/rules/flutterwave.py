"""Flutterwave: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "FLWSECK-" + made_up.lower(32, "flutterwave-secret-key")

RULES = (
    Rule(
        id="flutterwave-secret-key",
        description="Flutterwave secret key",
        patterns=(token("FLWSECK(?:_TEST)?-", LOWER, 32),),
        url="https://developer.flutterwave.com/docs/authentication",
        revoke="Delete the secret key in Flutterwave's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "FLWSECK-" + "x" * 32),
    ),
)
