"""Scale AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "live_" + made_up.hexadecimal(32, "scale-api-key")

RULES = (
    Rule(
        id="scale-api-key",
        description="Scale AI API key",
        patterns=(token("(?:live|test)_(?:auth_)?", HEX, 32),),
        url="https://scale.com/docs/api-reference/authentication",
        revoke="Delete the API key in Scale AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "live_" + "x" * 32),
        judge="random",
    ),
)
