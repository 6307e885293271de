"""Zoho: OAuth tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "1000." + made_up.hexadecimal(32, "q") + "." + made_up.hexadecimal(32, "zoho-oauth-token")

RULES = (
    Rule(
        id="zoho-oauth-token",
        description="Zoho OAuth token",
        patterns=(token(r"1000\.[0-9a-f]{32}\.", HEX, 32),),
        url="https://www.zoho.com/accounts/protocol/oauth.html",
        revoke="Delete the OAuth token in Zoho's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "1000." + made_up.hexadecimal(32, "q") + "." + "x" * 32),
    ),
)
