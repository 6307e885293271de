"""StackHawk: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "hawk." + made_up.alnum(20, "q") + "." + made_up.alnum(20, "stackhawk-api-key")

RULES = (
    Rule(
        id="stackhawk-api-key",
        description="StackHawk API key",
        patterns=(token(r"hawk\.[A-Za-z0-9]{20}\.", ALNUM, 20),),
        url="https://docs.stackhawk.com/apidocs.html",
        revoke="Delete the API key in StackHawk's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "hawk." + made_up.alnum(20, "q") + "." + "x" * 20),
    ),
)
