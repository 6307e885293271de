"""Klaviyo: private API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "pk_" + made_up.hexadecimal(34, "klaviyo-private-api-key")

RULES = (
    Rule(
        id="klaviyo-private-api-key",
        description="Klaviyo private API key",
        patterns=(token("pk_", HEX, 34),),
        url="https://developers.klaviyo.com/en/docs/authenticate_",
        revoke="Delete the private API key in Klaviyo's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pk_" + "x" * 34),
    ),
)
