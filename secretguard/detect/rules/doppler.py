"""Doppler tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "dp.pt." + made_up.alnum(43)

RULES = (
    Rule(
        id="doppler-token",
        description="Doppler token",
        patterns=(token(r"dp\.(?:pt|ct|st|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?", ALNUM, 40, 44),),
        url="https://docs.doppler.com/reference/auth-token-formats",
        revoke="Revoke the token in the Doppler dashboard.",
        examples=shown(_KEY),
        near_misses=("dp.pt." + made_up.alnum(30), "dp.zz." + made_up.alnum(43)),
    ),
)
