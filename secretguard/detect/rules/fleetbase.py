"""Fleetbase: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "flb_live_" + made_up.alnum(20, "fleetbase-api-key")

RULES = (
    Rule(
        id="fleetbase-api-key",
        description="Fleetbase API key",
        patterns=(token("flb_(?:live|test)_", ALNUM, 20, 40),),
        url="https://docs.fleetbase.io/",
        revoke="Delete the API key in Fleetbase's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("flb_live_" + made_up.alnum(19, "short"), "flb_live_" + "x" * 20),
    ),
)
