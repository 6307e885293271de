"""Linear API and OAuth keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "lin_api_" + made_up.alnum(40)

RULES = (
    Rule(
        id="linear-api-key",
        description="Linear API key",
        patterns=(token("lin_(?:api|oauth)_", ALNUM, 40, 64),),
        url="https://linear.app/developers/graphql",
        revoke="Delete the key under Settings, Security and access.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "lin_api_" + "x" * 40),
    ),
)
