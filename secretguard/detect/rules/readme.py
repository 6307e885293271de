"""ReadMe: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "rdme_" + made_up.lower(70, "readme-api-key")

RULES = (
    Rule(
        id="readme-api-key",
        description="ReadMe API key",
        patterns=(token("rdme_", LOWER, 70),),
        url="https://docs.readme.com/main/reference/intro-authentication",
        revoke="Delete the API key in ReadMe's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "rdme_" + "x" * 70),
    ),
)
