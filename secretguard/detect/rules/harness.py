"""Harness: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = (
    "pat."
    + made_up.alnum(22, "q")
    + "."
    + made_up.hexadecimal(24, "q")
    + "."
    + made_up.alnum(20, "harness-personal-access-token")
)

RULES = (
    Rule(
        id="harness-personal-access-token",
        description="Harness personal access token",
        patterns=(token(r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.", ALNUM, 20),),
        url="https://developer.harness.io/docs/platform/automation/api/add-and-manage-api-keys/",
        revoke="Delete the personal access token in Harness's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pat." + made_up.alnum(22, "q") + "." + made_up.hexadecimal(24, "q") + "." + "x" * 20),
    ),
)
