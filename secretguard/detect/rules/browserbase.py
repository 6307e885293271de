"""Browserbase: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "bb_live_" + made_up.alnum(27, "browserbase-api-key")

RULES = (
    Rule(
        id="browserbase-api-key",
        description="Browserbase API key",
        patterns=(token("bb_(?:live|test)_", WORD, 27, 40),),
        url="https://docs.browserbase.com/introduction/getting-started",
        revoke="Delete the API key in Browserbase's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("bb_live_" + made_up.alnum(26, "short"), "bb_live_" + "x" * 27),
    ),
)
