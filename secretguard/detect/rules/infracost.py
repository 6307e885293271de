"""Infracost: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ico-" + made_up.alnum(32, "infracost-api-key")

RULES = (
    Rule(
        id="infracost-api-key",
        description="Infracost API key",
        patterns=(token("ico-", ALNUM, 32),),
        url="https://www.infracost.io/docs/",
        revoke="Delete the API key in Infracost's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ico-" + "x" * 32),
    ),
)
