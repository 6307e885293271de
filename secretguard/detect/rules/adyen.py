"""Adyen: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "AQEyh" + made_up.alnum(100, "adyen-api-key")

RULES = (
    Rule(
        id="adyen-api-key",
        description="Adyen API key",
        patterns=(token("AQE[a-z]h", "[A-Za-z0-9+/]", 100, 400),),
        url="https://docs.adyen.com/development-resources/api-credentials/",
        revoke="Delete the API key in Adyen's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("AQEyh" + made_up.alnum(99, "short"), "AQEyh" + "x" * 100),
    ),
)
