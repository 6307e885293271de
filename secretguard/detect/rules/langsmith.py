"""LangSmith: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "lsv2_pt_" + made_up.hexadecimal(32, "q") + "_" + made_up.hexadecimal(10, "langsmith-api-key6")

RULES = (
    Rule(
        id="langsmith-api-key",
        description="LangSmith API key",
        patterns=(token("lsv2_(?:pt|sk)_[0-9a-f]{32}_", HEX, 10),),
        url="https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
        revoke="Delete the API key in LangSmith's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
