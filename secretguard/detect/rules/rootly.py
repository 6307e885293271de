"""Rootly: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "rootly_" + made_up.hexadecimal(64, "rootly-api-key")

RULES = (
    Rule(
        id="rootly-api-key",
        description="Rootly API key",
        patterns=(token("rootly_", HEX, 64),),
        url="https://docs.rootly.com/api-reference/overview",
        revoke="Delete the API key in Rootly's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "rootly_" + "x" * 64),
    ),
)
