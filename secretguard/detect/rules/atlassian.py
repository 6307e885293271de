"""Atlassian and Bitbucket API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ATATT3" + made_up.alnum(180) + "=" + made_up.upper(8)

RULES = (
    Rule(
        id="atlassian-token",
        description="Atlassian API token",
        patterns=(
            token("AT(?:ATT|CTT)3", "[A-Za-z0-9_=-]", 150, 260),
            token("ATBB", ALNUM, 32),
        ),
        url="https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/",
        revoke="Revoke the token in the account's security settings.",
        examples=shown(_KEY),
        near_misses=("ATATT3" + made_up.alnum(60), "ATXTT3" + made_up.alnum(180)),
    ),
)
