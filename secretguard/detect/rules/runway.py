"""Runway: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "key_" + made_up.hexadecimal(128, "runway-api-key")

RULES = (
    Rule(
        id="runway-api-key",
        description="Runway API key",
        patterns=(token("key_", HEX, 128),),
        url="https://docs.dev.runwayml.com/",
        revoke="Delete the API key in Runway's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "key_" + "x" * 128),
    ),
)
