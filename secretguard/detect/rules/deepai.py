"""DeepAI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("deepai-api-key")

RULES = (
    Rule(
        id="deepai-api-key",
        description="DeepAI API key",
        patterns=(near("deep_?ai", UUID),),
        url="https://deepai.org/docs",
        revoke="Delete the API key in DeepAI's settings, and make a new one.",
        examples=named("deepai", _KEY),
        near_misses=one_off("deepai", _KEY),
        judge="beside",
    ),
)
