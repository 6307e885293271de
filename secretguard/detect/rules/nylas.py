"""Nylas: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "nyk_" + made_up.alnum(60, "nylas-api-key")

RULES = (
    Rule(
        id="nylas-api-key",
        description="Nylas API key",
        patterns=(token("nyk_", WORD, 60, 80),),
        url="https://developer.nylas.com/docs/v3/auth/",
        revoke="Delete the API key in Nylas's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("nyk_" + made_up.alnum(59, "short"), "nyk_" + "x" * 60),
    ),
)
