"""SettleMint: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "sm_pat_" + made_up.alnum(16, "settlemint-access-token")

RULES = (
    Rule(
        id="settlemint-access-token",
        description="SettleMint access token",
        patterns=(token("sm_[aps]at_", ALNUM, 16),),
        url="https://console.settlemint.com/documentation/",
        revoke="Delete the access token in SettleMint's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sm_pat_" + "x" * 16),
    ),
)
