"""Sourcegraph: access tokens, licence keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_ACCESS_TOKEN = "sgp_" + made_up.hexadecimal(40, "sourcegraph-access-token")
_LICENCE_KEY = "slk_" + made_up.hexadecimal(64, "sourcegraph-licence-key")

RULES = (
    Rule(
        id="sourcegraph-access-token",
        description="Sourcegraph access token",
        patterns=(token("sgp_(?:[0-9a-fA-F]{16}_|local_)?", "[0-9A-Fa-f]", 40),),
        url="https://sourcegraph.com/docs/cli/how-tos/creating_an_access_token",
        revoke="Delete the access token in Sourcegraph's settings, and make a new one.",
        examples=shown(_ACCESS_TOKEN),
        near_misses=(_ACCESS_TOKEN[:-1], "sgp_" + "x" * 40),
    ),
    Rule(
        id="sourcegraph-licence-key",
        description="Sourcegraph licence key",
        patterns=(token("slk_", HEX, 64),),
        url="https://sourcegraph.com/docs/admin/subscriptions",
        revoke="Delete the licence key in Sourcegraph's settings, and make a new one.",
        examples=shown(_LICENCE_KEY),
        near_misses=(_LICENCE_KEY[:-1], "slk_" + "x" * 64),
    ),
)
