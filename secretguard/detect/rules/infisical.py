"""Infisical: service tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = (
    "st."
    + made_up.hexadecimal(24, "q")
    + "."
    + made_up.hexadecimal(32, "q")
    + "."
    + made_up.hexadecimal(32, "infisical-service-token")
)

RULES = (
    Rule(
        id="infisical-service-token",
        description="Infisical service token",
        patterns=(token(r"st\.[0-9a-f]{24}\.[0-9a-f]{32}\.", HEX, 32),),
        url="https://infisical.com/docs/documentation/platform/token",
        revoke="Delete the service token in Infisical's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(
            _KEY[:-1],
            "st." + made_up.hexadecimal(24, "q") + "." + made_up.hexadecimal(32, "q") + "." + "x" * 32,
        ),
    ),
)
