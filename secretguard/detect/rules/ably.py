"""Ably: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "xVLyHw.A-pwh7:" + made_up.alnum(43, "ably-api-key")

RULES = (
    Rule(
        id="ably-api-key",
        description="Ably API key",
        patterns=(token(r"[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{6}:", WORD, 43),),
        url="https://ably.com/docs/auth/basic",
        revoke="Delete the API key in Ably's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "xVLyHw.A-pwh7:" + "x" * 43),
    ),
)
