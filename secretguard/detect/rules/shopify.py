"""Shopify access tokens and shared secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "shpat_" + made_up.hexadecimal(32)

RULES = (
    Rule(
        id="shopify-token",
        description="Shopify token",
        patterns=(token("shp(?:at|ca|pa|ss|tka)_", "[0-9a-fA-F]", 32),),
        url="https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
        revoke="Rotate the app's credentials in the partner dashboard, or uninstall the app.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "shpxx_" + made_up.hexadecimal(32)),
    ),
)
