"""Dynatrace: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "dt0c01.ST2EY72KQINMH574WMNVI7YN." + made_up.upper(64, "dynatrace-token")

RULES = (
    Rule(
        id="dynatrace-token",
        description="Dynatrace token",
        patterns=(token(r"dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{8,24}\.", UPPER, 64),),
        url="https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens",
        revoke="Delete the token in Dynatrace's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dt0c01.ST2EY72KQINMH574WMNVI7YN." + "x" * 64),
    ),
)
