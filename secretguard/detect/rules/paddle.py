"""Paddle: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = (
    "pdl_live_apikey_"
    + made_up.lower(26, "q")
    + "_"
    + made_up.alnum(22, "q")
    + "_"
    + made_up.alnum(3, "paddle-api-key")
)

RULES = (
    Rule(
        id="paddle-api-key",
        description="Paddle API key",
        patterns=(token("pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_", ALNUM, 3),),
        url="https://developer.paddle.com/api-reference/about/api-keys",
        revoke="Delete the API key in Paddle's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
