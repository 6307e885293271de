"""Perplexity: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pplx-" + made_up.alnum(48, "perplexity-api-key")

RULES = (
    Rule(
        id="perplexity-api-key",
        description="Perplexity API key",
        patterns=(token("pplx-", ALNUM, 48),),
        url="https://docs.perplexity.ai/guides/api-key-management",
        revoke="Delete the API key in Perplexity's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pplx-" + "x" * 48),
    ),
)
