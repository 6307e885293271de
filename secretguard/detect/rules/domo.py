"""Domo: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "domo-client-secret")

RULES = (
    Rule(
        id="domo-client-secret",
        description="Domo client secret",
        patterns=(near(r"domo(?:_client|_secret|_api|\.com)", f"{HEX}{{64}}"),),
        url="https://developer.domo.com/",
        revoke="Delete the client secret in Domo's settings, and make a new one.",
        examples=named("domo_secret", _KEY),
        near_misses=one_off("domo_secret", _KEY),
        judge="beside",
    ),
)
