"""Prefect: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pnu_" + made_up.alnum(36, "prefect-api-key")

RULES = (
    Rule(
        id="prefect-api-key",
        description="Prefect API key",
        patterns=(token("pn[ub]_", ALNUM, 36),),
        url="https://docs.prefect.io/v3/how-to-guides/cloud/manage-users/api-keys",
        revoke="Delete the API key in Prefect's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pnu_" + "x" * 36),
    ),
)
