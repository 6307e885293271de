"""Statsig: console API keys, secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_SECRET_KEY = "secret-" + made_up.alnum(43, "statsig-secret-key")
_CONSOLE_API_KEY = "console-" + made_up.alnum(43, "statsig-console-api-key")

RULES = (
    Rule(
        id="statsig-secret-key",
        description="Statsig secret key",
        patterns=(token("secret-", ALNUM, 43),),
        url="https://docs.statsig.com/sdk-keys/api-keys/",
        revoke="Delete the secret key in Statsig's settings, and make a new one.",
        examples=shown(_SECRET_KEY),
        near_misses=(_SECRET_KEY[:-1], "secret-" + "x" * 43),
        judge="random",
    ),
    Rule(
        id="statsig-console-api-key",
        description="Statsig console API key",
        patterns=(token("console-", ALNUM, 43),),
        url="https://docs.statsig.com/sdk-keys/api-keys/",
        revoke="Delete the console API key in Statsig's settings, and make a new one.",
        examples=shown(_CONSOLE_API_KEY),
        near_misses=(_CONSOLE_API_KEY[:-1], "console-" + "x" * 43),
        judge="random",
    ),
)
