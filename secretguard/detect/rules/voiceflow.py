"""Voiceflow: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "VF.DM." + made_up.hexadecimal(24, "q") + "." + made_up.alnum(16, "voiceflow-api-key")

RULES = (
    Rule(
        id="voiceflow-api-key",
        description="Voiceflow API key",
        patterns=(token(r"VF\.(?:DM|WS)\.[0-9a-f]{24}\.", ALNUM, 16),),
        url="https://docs.voiceflow.com/reference/authentication",
        revoke="Delete the API key in Voiceflow's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "VF.DM." + made_up.hexadecimal(24, "q") + "." + "x" * 16),
    ),
)
