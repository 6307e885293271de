"""PayPal: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(80, "paypal-client-secret")

RULES = (
    Rule(
        id="paypal-client-secret",
        description="PayPal client secret",
        patterns=(near("paypal", f"{WORD}{{80}}"),),
        url="https://developer.paypal.com/api/rest/authentication/",
        revoke="Delete the client secret in PayPal's settings, and make a new one.",
        examples=named("paypal", _KEY),
        near_misses=one_off("paypal", _KEY),
        judge="beside",
    ),
)
