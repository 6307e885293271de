"""eBay: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "PRD-" + made_up.hexadecimal(12, "e") + "-8d1f-4b2c-9e3a-" + made_up.hexadecimal(4, "ebay-client-secret")

RULES = (
    Rule(
        id="ebay-client-secret",
        description="eBay client secret",
        patterns=(token("(?:PRD|SBX)-[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-", HEX, 4),),
        url="https://developer.ebay.com/api-docs/static/creating-edp-key.html",
        revoke="Delete the client secret in eBay's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
