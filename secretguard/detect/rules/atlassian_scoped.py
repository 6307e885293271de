"""Atlassian: scoped API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "ATSTT3" + made_up.alnum(60, "atlassian-scoped-api-token")

RULES = (
    Rule(
        id="atlassian-scoped-api-token",
        description="Atlassian scoped API token",
        patterns=(token("ATSTT3", WORD, 60, 220),),
        url="https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
        revoke="Delete the scoped API token in Atlassian's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("ATSTT3" + made_up.alnum(59, "short"), "ATSTT3" + "x" * 60),
    ),
)
