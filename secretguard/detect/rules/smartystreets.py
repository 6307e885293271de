"""Smarty: auth tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(20, "smartystreets-auth-token")

RULES = (
    Rule(
        id="smartystreets-auth-token",
        description="Smarty auth token",
        patterns=(near("smarty_?streets", f"{ALNUM}{{20}}"),),
        url="https://www.smarty.com/docs/cloud/authentication",
        revoke="Delete the auth token in Smarty's settings, and make a new one.",
        examples=named("smartystreets", _KEY),
        near_misses=one_off("smartystreets", _KEY),
        judge="beside",
    ),
)
