"""dbt Cloud: service tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "dbtc_" + made_up.alnum(40, "dbt-service-token")

RULES = (
    Rule(
        id="dbt-service-token",
        description="dbt Cloud service token",
        patterns=(token("dbt[cu]_", WORD, 40, 60),),
        url="https://docs.getdbt.com/docs/dbt-cloud-apis/service-tokens",
        revoke="Delete the service token in dbt Cloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("dbtc_" + made_up.alnum(39, "short"), "dbtc_" + "x" * 40),
    ),
)
