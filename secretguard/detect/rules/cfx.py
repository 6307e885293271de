"""Cfx.re: server keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "cfxk_" + made_up.alnum(20, "cfx-server-key")

RULES = (
    Rule(
        id="cfx-server-key",
        description="Cfx.re server key",
        patterns=(token("cfxk_", ALNUM, 20, 40),),
        url="https://docs.fivem.net/docs/server-manual/setting-up-a-server/",
        revoke="Delete the server key in Cfx.re's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("cfxk_" + made_up.alnum(19, "short"), "cfxk_" + "x" * 20),
    ),
)
