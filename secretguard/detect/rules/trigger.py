"""Trigger.dev: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "tr_prod_" + made_up.alnum(20, "triggerdev-secret-key")

RULES = (
    Rule(
        id="triggerdev-secret-key",
        description="Trigger.dev secret key",
        patterns=(token("tr_(?:dev|stg|prod|preview)_", ALNUM, 20, 40),),
        url="https://trigger.dev/docs/apikeys",
        revoke="Delete the secret key in Trigger.dev's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("tr_prod_" + made_up.alnum(19, "short"), "tr_prod_" + "x" * 20),
    ),
)
