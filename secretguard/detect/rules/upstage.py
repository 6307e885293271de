"""Upstage: API keys, console API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = "up_" + made_up.alnum(29, "upstage-api-key")
_EXAMPLE_2 = made_up.alnum(40, "upstage-console-api-key")

RULES = (
    Rule(
        id="upstage-api-key",
        description="Upstage API key",
        patterns=(token("up_", ALNUM, 29),),
        url="https://console.upstage.ai/docs/getting-started",
        revoke="Delete the API key in Upstage's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=(_EXAMPLE_1[:-1], "up_" + "x" * 29),
    ),
    Rule(
        id="upstage-console-api-key",
        description="Upstage console API key",
        patterns=(near("upstage", f"{ALNUM}{{40}}"),),
        url="https://console.upstage.ai/docs/getting-started",
        revoke="Delete the console API key in Upstage's settings, and make a new one.",
        examples=named("upstage", _EXAMPLE_2),
        near_misses=one_off("upstage", _EXAMPLE_2),
        judge="beside",
    ),
)
