"""Onfido: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "api_live." + made_up.alnum(11, "q") + "." + made_up.alnum(32, "onfido-api-token")

RULES = (
    Rule(
        id="onfido-api-token",
        description="Onfido API token",
        patterns=(token(r"api_(?:live|sandbox)(?:_us|_ca|_eu)?\.[A-Za-z0-9_-]{11}\.", WORD, 32),),
        url="https://documentation.identity.entrust.com/api/latest/",
        revoke="Delete the API token in Onfido's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "api_live." + made_up.alnum(11, "q") + "." + "x" * 32),
    ),
)
