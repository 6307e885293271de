"""Shippo: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "shippo_live_" + made_up.hexadecimal(40, "shippo-api-token")

RULES = (
    Rule(
        id="shippo-api-token",
        description="Shippo API token",
        patterns=(token("shippo_(?:live|test)_", "[0-9A-Fa-f]", 40),),
        url="https://docs.goshippo.com/docs/guides_general/authentication/",
        revoke="Delete the API token in Shippo's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "shippo_live_" + "x" * 40),
    ),
)
