"""Fireworks AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "fw_" + made_up.alnum(24, "fireworks-api-key")

RULES = (
    Rule(
        id="fireworks-api-key",
        description="Fireworks AI API key",
        patterns=(token("fw_", ALNUM, 24),),
        url="https://docs.fireworks.ai/api-reference/introduction",
        revoke="Delete the API key in Fireworks AI's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "fw_" + "x" * 24),
        judge="random",
    ),
)
