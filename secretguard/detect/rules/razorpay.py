"""Razorpay: key IDs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "rzp_live_" + made_up.alnum(14, "razorpay-key-id")

RULES = (
    Rule(
        id="razorpay-key-id",
        description="Razorpay key ID",
        patterns=(token("rzp_(?:live|test)_", ALNUM, 14),),
        url="https://razorpay.com/docs/api/authentication/",
        revoke="Delete the key ID in Razorpay's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "rzp_live_" + "x" * 14),
    ),
)
