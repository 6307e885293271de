"""Storecove: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "storecove_" + made_up.alnum(44, "storecove-api-key")

RULES = (
    Rule(
        id="storecove-api-key",
        description="Storecove API key",
        patterns=(token("storecove_", ALNUM, 44, 60),),
        url="https://www.storecove.com/docs/",
        revoke="Delete the API key in Storecove's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("storecove_" + made_up.alnum(43, "short"), "storecove_" + "x" * 44),
    ),
)
