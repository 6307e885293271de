"""Alibaba Cloud: STS access key IDs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "STS." + made_up.alnum(20, "alibaba-sts-access-key-id")

RULES = (
    Rule(
        id="alibaba-sts-access-key-id",
        description="Alibaba Cloud STS access key ID",
        patterns=(token(r"STS\.", ALNUM, 20, 36),),
        url="https://www.alibabacloud.com/help/en/ram/",
        revoke="Delete the STS access key ID in Alibaba Cloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("STS." + made_up.alnum(19, "short"), "STS." + "x" * 20),
        judge="random",
        confidence=MEDIUM,
    ),
)
