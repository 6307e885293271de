"""Mercury: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "secret-token:mercury_production_wma_" + made_up.alnum(40, "mercury-api-token")

RULES = (
    Rule(
        id="mercury-api-token",
        description="Mercury API token",
        patterns=(token("secret-token:mercury_(?:production|sandbox)_(?:wma|rma|dma)_", WORD, 40, 80),),
        url="https://docs.mercury.com/reference/authentication",
        revoke="Delete the API token in Mercury's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(
            "secret-token:mercury_production_wma_" + made_up.alnum(39, "short"),
            "secret-token:mercury_production_wma_" + "x" * 40,
        ),
    ),
)
