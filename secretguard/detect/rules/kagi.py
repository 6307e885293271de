"""Kagi: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "kagi-api-token")

RULES = (
    Rule(
        id="kagi-api-token",
        description="Kagi API token",
        patterns=(near("kagi", f"{WORD}{{43}}"),),
        url="https://help.kagi.com/kagi/api/overview.html",
        revoke="Delete the API token in Kagi's settings, and make a new one.",
        examples=named("kagi", _KEY),
        near_misses=one_off("kagi", _KEY),
        judge="beside",
    ),
)
