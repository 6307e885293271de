"""Elastic Cloud: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "essu_" + made_up.alnum(60, "elastic-cloud-api-key")

RULES = (
    Rule(
        id="elastic-cloud-api-key",
        description="Elastic Cloud API key",
        patterns=(token("essu_", WORD, 60, 120),),
        url="https://www.elastic.co/docs/deploy-manage/api-keys/elastic-cloud-api-keys",
        revoke="Delete the API key in Elastic Cloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("essu_" + made_up.alnum(59, "short"), "essu_" + "x" * 60),
    ),
)
