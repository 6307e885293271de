"""Fastly API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, keyed

_KEY = made_up.alnum(32)

RULES = (
    Rule(
        id="fastly-api-token",
        description="Fastly API token",
        patterns=(keyed("fastly", "[A-Za-z0-9_-]{32}"),),
        url="https://www.fastly.com/documentation/guides/account-info/user-access-and-control/using-api-tokens/",
        revoke="Delete the token in the account's settings.",
        examples=((f"FASTLY_API_TOKEN={_KEY}", _KEY), (f"fastly_key: '{_KEY}'", _KEY)),
        near_misses=(f"FASTLY_API_TOKEN={_KEY[:-1]}", "FASTLY_API_TOKEN=${SECRET_FROM_VAULT}", f"other_setting={_KEY}"),
        judge="random",
    ),
)
