"""Midtrans: server keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "Mid-server-" + made_up.alnum(24, "midtrans-server-key")

RULES = (
    Rule(
        id="midtrans-server-key",
        description="Midtrans server key",
        patterns=(token("(?:Mid|SB-Mid)-server-", WORD, 24),),
        url="https://docs.midtrans.com/docs/api-authorization-headers",
        revoke="Delete the server key in Midtrans's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "Mid-server-" + "x" * 24),
    ),
)
