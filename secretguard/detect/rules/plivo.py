"""Plivo: auth tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "plivo-auth-token")

RULES = (
    Rule(
        id="plivo-auth-token",
        description="Plivo auth token",
        patterns=(near("plivo", f"{ALNUM}{{40}}"),),
        url="https://www.plivo.com/docs/account/api/overview",
        revoke="Delete the auth token in Plivo's settings, and make a new one.",
        examples=named("plivo", _KEY),
        near_misses=one_off("plivo", _KEY),
        judge="beside",
    ),
)
