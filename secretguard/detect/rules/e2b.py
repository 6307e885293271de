"""E2B: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "e2b_" + made_up.hexadecimal(40, "e2b-api-key")

RULES = (
    Rule(
        id="e2b-api-key",
        description="E2B API key",
        patterns=(token("e2b_", HEX, 40),),
        url="https://e2b.dev/docs/getting-started/api-key",
        revoke="Delete the API key in E2B's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "e2b_" + "x" * 40),
    ),
)
