"""UpCloud: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "ucat_" + made_up.base32(26, "upcloud-api-token")

RULES = (
    Rule(
        id="upcloud-api-token",
        description="UpCloud API token",
        patterns=(token("ucat_", "[A-Z2-7]", 26),),
        url="https://developers.upcloud.com/1.3/",
        revoke="Delete the API token in UpCloud's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ucat_" + "x" * 26),
    ),
)
