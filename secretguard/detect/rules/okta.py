"""Okta API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, keyed

_KEY = "00" + made_up.alnum(40)

RULES = (
    Rule(
        id="okta-api-token",
        description="Okta API token",
        patterns=(keyed("okta", "00[A-Za-z0-9_-]{40}"),),
        url="https://developer.okta.com/docs/guides/create-an-api-token/main/",
        revoke="Revoke the token in the admin console.",
        examples=((f"OKTA_API_TOKEN={_KEY}", _KEY), (f"okta_token: '{_KEY}'", _KEY)),
        near_misses=(f"OKTA_API_TOKEN={_KEY[:-1]}", "OKTA_API_TOKEN=${SECRET_FROM_VAULT}", f"other_setting={_KEY}"),
        judge="random",
    ),
)
