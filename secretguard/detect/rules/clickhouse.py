"""ClickHouse Cloud: API key secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "4b1d" + made_up.alnum(38, "clickhouse-cloud-api-secret")

RULES = (
    Rule(
        id="clickhouse-cloud-api-secret",
        description="ClickHouse Cloud API key secret",
        patterns=(token("4b1d", ALNUM, 38),),
        url="https://clickhouse.com/docs/cloud/manage/openapi",
        revoke="Delete the API key secret in ClickHouse Cloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "4b1d" + "x" * 38),
    ),
)
