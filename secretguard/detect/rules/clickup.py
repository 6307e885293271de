"""ClickUp: personal API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "pk_204249739_" + made_up.upper(32, "clickup-personal-api-token")

RULES = (
    Rule(
        id="clickup-personal-api-token",
        description="ClickUp personal API token",
        patterns=(token("pk_[0-9]{5,10}_", UPPER, 32),),
        url="https://developer.clickup.com/docs/authentication",
        revoke="Delete the personal API token in ClickUp's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pk_204249739_" + "x" * 32),
    ),
)
