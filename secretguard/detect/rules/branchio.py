"""Branch: live keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "key_live_" + made_up.alnum(32, "branch-key")

RULES = (
    Rule(
        id="branch-key",
        description="Branch live key",
        patterns=(token("key_(?:live|test)_", ALNUM, 32),),
        url="https://help.branch.io/docs/branch-key-and-secret",
        revoke="Delete the live key in Branch's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "key_live_" + "x" * 32),
    ),
)
