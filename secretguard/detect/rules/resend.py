"""Resend: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "re_EbtXGAbq_" + made_up.alnum(24, "resend-api-key")

RULES = (
    Rule(
        id="resend-api-key",
        description="Resend API key",
        patterns=(token("re_[A-Za-z0-9]{8}_", ALNUM, 24),),
        url="https://resend.com/docs/api-reference/introduction",
        revoke="Delete the API key in Resend's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "re_EbtXGAbq_" + "x" * 24),
    ),
)
