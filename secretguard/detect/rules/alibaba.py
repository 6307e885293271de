"""Alibaba Cloud: access key IDs, access key secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off, shown, token

_ACCESS_KEY_ID = "LTAI" + made_up.alnum(16, "alibaba-access-key-id")
_ACCESS_KEY_SECRET = made_up.alnum(30, "alibaba-access-key-secret")

RULES = (
    Rule(
        id="alibaba-access-key-id",
        description="Alibaba Cloud access key ID",
        patterns=(token("LTAI", ALNUM, 16, 24),),
        url="https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
        revoke="Delete the access key ID in Alibaba Cloud's settings, and make a new one.",
        examples=shown(_ACCESS_KEY_ID),
        near_misses=("LTAI" + made_up.alnum(15, "short"), "LTAI" + "x" * 16),
        judge="random",
    ),
    Rule(
        id="alibaba-access-key-secret",
        description="Alibaba Cloud access key secret",
        patterns=(near("(?:alibaba|aliyun|alicloud|LTAI[A-Za-z0-9]{4})", f"{ALNUM}{{30}}"),),
        url="https://www.alibabacloud.com/help/en/ram/user-guide/create-an-accesskey-pair",
        revoke="Delete the access key secret in Alibaba Cloud's settings, and make a new one.",
        examples=named("alibaba", _ACCESS_KEY_SECRET),
        near_misses=one_off("alibaba", _ACCESS_KEY_SECRET),
        judge="beside",
    ),
)
