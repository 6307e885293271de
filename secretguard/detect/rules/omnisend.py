"""Omnisend: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(75, "omnisend-api-key")

RULES = (
    Rule(
        id="omnisend-api-key",
        description="Omnisend API key",
        patterns=(near("omnisend", f"{WORD}{{75}}"),),
        url="https://api-docs.omnisend.com/",
        revoke="Delete the API key in Omnisend's settings, and make a new one.",
        examples=named("omnisend", _KEY),
        near_misses=one_off("omnisend", _KEY),
        judge="beside",
    ),
)
