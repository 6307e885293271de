"""Databento: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "db-" + made_up.alnum(29, "databento-api-key")

RULES = (
    Rule(
        id="databento-api-key",
        description="Databento API key",
        patterns=(token("db-", ALNUM, 29),),
        url="https://databento.com/docs/api-reference-historical/basics/authentication",
        revoke="Delete the API key in Databento's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "db-" + "x" * 29),
    ),
)
