"""Octopus Deploy: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "API-" + made_up.upper(26, "octopus-deploy-api-key")

RULES = (
    Rule(
        id="octopus-deploy-api-key",
        description="Octopus Deploy API key",
        patterns=(token("API-", UPPER, 26, 33),),
        url="https://octopus.com/docs/octopus-rest-api/how-to-create-an-api-key",
        revoke="Delete the API key in Octopus Deploy's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("API-" + made_up.upper(25, "short"), "API-" + "x" * 26),
        judge="random",
    ),
)
