"""Depot: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "depot_org_" + made_up.hexadecimal(64, "depot-token")

RULES = (
    Rule(
        id="depot-token",
        description="Depot token",
        patterns=(token("depot_(?:org|project|user)_", HEX, 64),),
        url="https://depot.dev/docs/cli/authentication",
        revoke="Delete the token in Depot's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "depot_org_" + "x" * 64),
    ),
)
