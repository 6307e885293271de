"""Ramp: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ramp_sec_" + made_up.alnum(40, "ramp-client-secret")

RULES = (
    Rule(
        id="ramp-client-secret",
        description="Ramp client secret",
        patterns=(token("ramp_sec_", ALNUM, 40, 60),),
        url="https://docs.ramp.com/developer-api/v1/authorization",
        revoke="Delete the client secret in Ramp's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("ramp_sec_" + made_up.alnum(39, "short"), "ramp_sec_" + "x" * 40),
    ),
)
