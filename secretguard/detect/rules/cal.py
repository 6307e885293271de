"""Cal.com: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "cal_live_" + made_up.hexadecimal(32, "calcom-api-key")

RULES = (
    Rule(
        id="calcom-api-key",
        description="Cal.com API key",
        patterns=(token("cal_(?:live_)?", HEX, 32),),
        url="https://cal.com/docs/api-reference/v1/authentication",
        revoke="Delete the API key in Cal.com's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "cal_live_" + "x" * 32),
    ),
)
