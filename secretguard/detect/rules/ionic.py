"""Ionic: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ion_" + made_up.alnum(42, "ionic-personal-access-token")

RULES = (
    Rule(
        id="ionic-personal-access-token",
        description="Ionic personal access token",
        patterns=(token("ion_", ALNUM, 42),),
        url="https://ionic.io/docs/appflow/personal-access-tokens",
        revoke="Delete the personal access token in Ionic's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ion_" + "x" * 42),
    ),
)
