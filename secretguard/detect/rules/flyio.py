"""Fly.io: access tokens, legacy access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_ACCESS_TOKEN = "fm2_" + made_up.alnum(100, "flyio-access-token")
_LEGACY_ACCESS_TOKEN = "fo1_" + made_up.alnum(43, "flyio-legacy-access-token")

RULES = (
    Rule(
        id="flyio-access-token",
        description="Fly.io access token",
        patterns=(token("fm[12][ar]?_", "[A-Za-z0-9+/]", 100, 1200),),
        url="https://fly.io/docs/security/tokens/",
        revoke="Delete the access token in Fly.io's settings, and make a new one.",
        examples=shown(_ACCESS_TOKEN),
        near_misses=("fm2_" + made_up.alnum(99, "short"), "fm2_" + "x" * 100),
    ),
    Rule(
        id="flyio-legacy-access-token",
        description="Fly.io legacy access token",
        patterns=(token("fo1_", WORD, 43),),
        url="https://fly.io/docs/security/tokens/",
        revoke="Delete the legacy access token in Fly.io's settings, and make a new one.",
        examples=shown(_LEGACY_ACCESS_TOKEN),
        near_misses=(_LEGACY_ACCESS_TOKEN[:-1], "fo1_" + "x" * 43),
    ),
)
