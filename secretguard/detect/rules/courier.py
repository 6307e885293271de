"""Courier: auth tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "pk_prod_" + made_up.upper(28, "courier-auth-token")

RULES = (
    Rule(
        id="courier-auth-token",
        description="Courier auth token",
        patterns=(token("(?:pk|dk)_(?:prod|test)_", UPPER, 28),),
        url="https://www.courier.com/docs/platform/workspaces/environments-api-keys",
        revoke="Delete the auth token in Courier's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pk_prod_" + "x" * 28),
    ),
)
