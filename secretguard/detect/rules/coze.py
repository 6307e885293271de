"""Coze: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pat_" + made_up.alnum(64, "coze-personal-access-token")

RULES = (
    Rule(
        id="coze-personal-access-token",
        description="Coze personal access token",
        patterns=(token("pat_", ALNUM, 64),),
        url="https://www.coze.com/docs/developer_guides/authentication",
        revoke="Delete the personal access token in Coze's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pat_" + "x" * 64),
    ),
)
