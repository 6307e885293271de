"""Zuplo: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "zpka_" + made_up.hexadecimal(32, "q") + "_" + made_up.hexadecimal(8, "zuplo-api-key49")

RULES = (
    Rule(
        id="zuplo-api-key",
        description="Zuplo API key",
        patterns=(token("zpka_[0-9a-f]{32}_", HEX, 8),),
        url="https://zuplo.com/docs/articles/api-key-management",
        revoke="Delete the API key in Zuplo's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
