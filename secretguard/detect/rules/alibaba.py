"""Alibaba Cloud: STS access key IDs, access key IDs, access key secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off, shown, token

_EXAMPLE_1 = "LTAI" + made_up.alnum(16, "alibaba-access-key-id")
_EXAMPLE_2 = made_up.alnum(30, "alibaba-access-key-secret")
_EXAMPLE_3 = "STS." + made_up.alnum(20, "alibaba-sts-access-key-id")

RULES = (
    Rule(
        id="alibaba-access-key-id",
        description="Alibaba Cloud access key ID",
        patterns=(token("LTAI", ALNUM, 16, 24),),
        url="https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
        revoke="Delete the access key ID in Alibaba Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("LTAI" + made_up.alnum(15, "short"), "LTAI" + "x" * 16),
        judge="random",
    ),
    Rule(
        id="alibaba-access-key-secret",
        description="Alibaba Cloud access key secret",
        patterns=(near("(?:alibaba|aliyun|alicloud|LTAI[A-Za-z0-9]{4})", f"{ALNUM}{{30}}"),),
        url="https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
        revoke="Delete the access key secret in Alibaba Cloud's settings, and make a new one.",
        examples=named("alibaba", _EXAMPLE_2),
        near_misses=one_off("alibaba", _EXAMPLE_2),
        judge="beside",
    ),
    Rule(
        id="alibaba-sts-access-key-id",
        description="Alibaba Cloud STS access key ID",
        patterns=(token(r"STS\.", ALNUM, 20, 36),),
        url="https://www.alibabacloud.com/help/en/ram/",
        revoke="Delete the STS access key ID in Alibaba Cloud's settings, and make a new one.",
        examples=shown(_EXAMPLE_3),
        near_misses=("STS." + made_up.alnum(19, "short"), "STS." + "x" * 20),
        judge="random",
        confidence=MEDIUM,
    ),
)
