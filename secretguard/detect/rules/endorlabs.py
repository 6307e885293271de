"""Endor Labs: API credentials."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "endr+" + made_up.alnum(16, "endorlabs-api-credentials")

RULES = (
    Rule(
        id="endorlabs-api-credentials",
        description="Endor Labs API credentials",
        patterns=(token(r"endr\+", ALNUM, 16, 40),),
        url="https://docs.endorlabs.com/rest-api/authentication/",
        revoke="Delete the API credentials in Endor Labs's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("endr+" + made_up.alnum(15, "short"), "endr+" + "x" * 16),
    ),
)
