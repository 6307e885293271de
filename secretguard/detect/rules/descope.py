"""Descope: management keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "K2" + made_up.alnum(60, "descope-management-key")

RULES = (
    Rule(
        id="descope-management-key",
        description="Descope management key",
        patterns=(token("K2", ALNUM, 60, 90),),
        url="https://docs.descope.com/management/management-keys",
        revoke="Delete the management key in Descope's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("K2" + made_up.alnum(59, "short"), "K2" + "x" * 60),
        judge="random",
    ),
)
