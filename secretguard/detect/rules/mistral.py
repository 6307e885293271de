"""Mistral AI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "mistral-api-key")

RULES = (
    Rule(
        id="mistral-api-key",
        description="Mistral AI API key",
        patterns=(near("mistral", f"{ALNUM}{{32}}"),),
        url="https://docs.mistral.ai/getting-started/quickstart/",
        revoke="Delete the API key in Mistral AI's settings, and make a new one.",
        examples=named("mistral", _KEY),
        near_misses=one_off("mistral", _KEY),
        judge="beside",
    ),
)
