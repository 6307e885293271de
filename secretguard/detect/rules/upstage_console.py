"""Upstage: console API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "upstage-console-api-key")

RULES = (
    Rule(
        id="upstage-console-api-key",
        description="Upstage console API key",
        patterns=(near("upstage", f"{ALNUM}{{40}}"),),
        url="https://console.upstage.ai/docs/getting-started",
        revoke="Delete the console API key in Upstage's settings, and make a new one.",
        examples=named("upstage", _KEY),
        near_misses=one_off("upstage", _KEY),
        judge="beside",
    ),
)
