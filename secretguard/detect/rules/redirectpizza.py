"""redirect.pizza: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "rpa_" + made_up.lower(63, "redirectpizza-api-token")

RULES = (
    Rule(
        id="redirectpizza-api-token",
        description="redirect.pizza API token",
        patterns=(token("rpa_", LOWER, 63),),
        url="https://redirect.pizza/docs",
        revoke="Delete the API token in redirect.pizza's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "rpa_" + "x" * 63),
    ),
)
