"""Thunderstore: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "tss_" + made_up.alnum(32, "thunderstore-api-token")

RULES = (
    Rule(
        id="thunderstore-api-token",
        description="Thunderstore API token",
        patterns=(token("tss_", ALNUM, 32),),
        url="https://thunderstore.io/api/docs/",
        revoke="Delete the API token in Thunderstore's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "tss_" + "x" * 32),
    ),
)
