"""Checkly: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "cu_" + made_up.hexadecimal(32, "checkly-api-key")

RULES = (
    Rule(
        id="checkly-api-key",
        description="Checkly API key",
        patterns=(token("cu_", HEX, 32),),
        url="https://www.checklyhq.com/docs/accounts-and-users/creating-api-key/",
        revoke="Delete the API key in Checkly's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "cu_" + "x" * 32),
    ),
)
