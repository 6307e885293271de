"""Checkout.com: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "sk_" + made_up.uuid("checkout-secret-key")

RULES = (
    Rule(
        id="checkout-secret-key",
        description="Checkout.com secret key",
        patterns=(prefixed("sk_(?:test_)?", UUID),),
        url="https://www.checkout.com/docs/developer-resources/api/api-authentication/api-keys",
        revoke="Delete the secret key in Checkout.com's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
