"""Databricks personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "dapi" + made_up.hexadecimal(32)

RULES = (
    Rule(
        id="databricks-token",
        description="Databricks access token",
        patterns=(token("(?:dapi|dose)", HEX, 32),),
        url="https://docs.databricks.com/aws/en/dev-tools/auth/pat",
        revoke="Revoke the token in the workspace's developer settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dapi" + "0" * 32),
        judge="random",
    ),
)
