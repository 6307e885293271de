"""Pagar.me: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ak_live_" + made_up.alnum(30, "pagarme-api-key")

RULES = (
    Rule(
        id="pagarme-api-key",
        description="Pagar.me API key",
        patterns=(token("ak_(?:live|test)_", ALNUM, 30),),
        url="https://docs.pagar.me/docs/chaves-de-acesso",
        revoke="Delete the API key in Pagar.me's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ak_live_" + "x" * 30),
    ),
)
