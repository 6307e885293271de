"""Retell AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "key_" + made_up.hexadecimal(28, "retellai-api-key")

RULES = (
    Rule(
        id="retellai-api-key",
        description="Retell AI API key",
        patterns=(token("key_", HEX, 28),),
        url="https://docs.retellai.com/accounts/manage-api-keys",
        revoke="Delete the API key in Retell AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "key_" + "x" * 28),
    ),
)
