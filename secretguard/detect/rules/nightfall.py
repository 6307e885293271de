"""Nightfall: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "NF-" + made_up.alnum(32, "nightfall-api-key")

RULES = (
    Rule(
        id="nightfall-api-key",
        description="Nightfall API key",
        patterns=(token("NF-", ALNUM, 32),),
        url="https://help.nightfall.ai/developer-api/",
        revoke="Delete the API key in Nightfall's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "NF-" + "x" * 32),
    ),
)
