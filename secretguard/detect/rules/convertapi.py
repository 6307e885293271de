"""ConvertAPI: secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, keyed

_KEY = made_up.alnum(16, "convertapi-secret")

RULES = (
    Rule(
        id="convertapi-secret",
        description="ConvertAPI secret",
        patterns=(keyed("convertapi", f"{ALNUM}{{16}}"),),
        url="https://docs.convertapi.com/",
        revoke="Delete the secret in ConvertAPI's settings, and make a new one.",
        examples=((f"CONVERTAPI_API_KEY={_KEY}", _KEY), (f"convertapi_token: '{_KEY}'", _KEY)),
        near_misses=(f"CONVERTAPI_API_KEY={_KEY[:-1]}", "CONVERTAPI_API_KEY=$KEY"),
        judge="random",
    ),
)
