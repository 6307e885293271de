"""Typeform: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "tfp_" + made_up.alnum(40, "typeform-personal-access-token")

RULES = (
    Rule(
        id="typeform-personal-access-token",
        description="Typeform personal access token",
        patterns=(token("tfp_", WORD, 40, 64),),
        url="https://www.typeform.com/developers/get-started/personal-access-token/",
        revoke="Delete the personal access token in Typeform's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("tfp_" + made_up.alnum(39, "short"), "tfp_" + "x" * 40),
    ),
)
