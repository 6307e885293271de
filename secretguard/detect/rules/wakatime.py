"""WakaTime: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "waka_" + made_up.lower(36, "wakatime-api-key")

RULES = (
    Rule(
        id="wakatime-api-key",
        description="WakaTime API key",
        patterns=(token("waka_", LOWER, 36, 40),),
        url="https://wakatime.com/developers#authentication",
        revoke="Delete the API key in WakaTime's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("waka_" + made_up.lower(35, "short"), "waka_" + "x" * 36),
    ),
)
