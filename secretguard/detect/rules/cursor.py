"""Cursor: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "key_" + made_up.hexadecimal(64, "cursor-api-key")

RULES = (
    Rule(
        id="cursor-api-key",
        description="Cursor API key",
        patterns=(token("key_", HEX, 64),),
        url="https://docs.cursor.com/account/teams/admin-api",
        revoke="Delete the API key in Cursor's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "key_" + "x" * 64),
    ),
)
