"""Ghost: admin API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "" + made_up.hexadecimal(24, "q") + ":" + made_up.hexadecimal(64, "ghost-admin-api-key")

RULES = (
    Rule(
        id="ghost-admin-api-key",
        description="Ghost admin API key",
        patterns=(token("[0-9a-f]{24}:", HEX, 64),),
        url="https://docs.ghost.org/admin-api/",
        revoke="Delete the admin API key in Ghost's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "" + made_up.hexadecimal(24, "q") + ":" + "x" * 64),
    ),
)
