"""Daytona: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "dtn_" + made_up.hexadecimal(64, "daytona-api-key")

RULES = (
    Rule(
        id="daytona-api-key",
        description="Daytona API key",
        patterns=(token("dtn_", HEX, 64),),
        url="https://www.daytona.io/docs/en/api-keys/",
        revoke="Delete the API key in Daytona's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dtn_" + "x" * 64),
    ),
)
