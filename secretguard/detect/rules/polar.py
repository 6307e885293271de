"""Polar: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "polar_oat_" + made_up.alnum(32, "polar-access-token")

RULES = (
    Rule(
        id="polar-access-token",
        description="Polar access token",
        patterns=(token("polar_(?:oat|pat|at_o|at_u)_", ALNUM, 32, 60),),
        url="https://docs.polar.sh/integrate/oat",
        revoke="Delete the access token in Polar's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("polar_oat_" + made_up.alnum(31, "short"), "polar_oat_" + "x" * 32),
    ),
)
