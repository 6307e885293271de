"""CockroachDB Cloud: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "CCDB1_" + made_up.alnum(22, "q") + "_" + made_up.alnum(40, "cockroachdb-cloud-api-key")

RULES = (
    Rule(
        id="cockroachdb-cloud-api-key",
        description="CockroachDB Cloud API key",
        patterns=(token("CCDB1_[A-Za-z0-9]{22}_", ALNUM, 40),),
        url="https://www.cockroachlabs.com/docs/cockroachcloud/managing-access",
        revoke="Delete the API key in CockroachDB Cloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "CCDB1_" + made_up.alnum(22, "q") + "_" + "x" * 40),
    ),
)
