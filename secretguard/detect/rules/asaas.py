"""Asaas: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "aact_prod_" + made_up.alnum(20, "asaas-api-key")

RULES = (
    Rule(
        id="asaas-api-key",
        description="Asaas API key",
        patterns=(token("aact_(?:prod|hmlg)_", ALNUM, 20, 200),),
        url="https://docs.asaas.com/docs/autenticacao-1",
        revoke="Delete the API key in Asaas's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("aact_prod_" + made_up.alnum(19, "short"), "aact_prod_" + "x" * 20),
    ),
)
