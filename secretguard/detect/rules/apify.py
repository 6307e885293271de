"""Apify: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "apify_api_" + made_up.alnum(34, "apify-api-token")

RULES = (
    Rule(
        id="apify-api-token",
        description="Apify API token",
        patterns=(token("apify_api_", ALNUM, 34, 40),),
        url="https://docs.apify.com/platform/integrations/api",
        revoke="Delete the API token in Apify's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("apify_api_" + made_up.alnum(33, "short"), "apify_api_" + "x" * 34),
    ),
)
