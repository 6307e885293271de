"""Plaid: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "access-production-" + made_up.uuid("plaid-access-token")

RULES = (
    Rule(
        id="plaid-access-token",
        description="Plaid access token",
        patterns=(prefixed("access-(?:sandbox|development|production)-", UUID),),
        url="https://plaid.com/docs/api/accounts/",
        revoke="Delete the access token in Plaid's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
