"""Notion integration tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ntn_" + made_up.alnum(46)

RULES = (
    Rule(
        id="notion-token",
        description="Notion integration token",
        patterns=(
            token("ntn_", ALNUM, 40, 50),
            token("secret_", ALNUM, 43),
        ),
        url="https://developers.notion.com/docs/authorization",
        revoke="Refresh the secret on the integration's page.",
        examples=shown(_KEY),
        near_misses=("ntn_" + made_up.alnum(20), "secret_" + made_up.alnum(30)),
        judge="random",
    ),
)
