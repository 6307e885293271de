"""ThingsBoard: device token URLs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "thingsboard.cloud/api/v1/" + made_up.lower(20, "thingsboard-device-token")

RULES = (
    Rule(
        id="thingsboard-device-token",
        description="ThingsBoard device token URL",
        patterns=(token(r"thingsboard\.[a-z]{2,6}/api/v1/", LOWER, 20),),
        url="https://thingsboard.io/docs/reference/http-api/",
        revoke="Delete the device token URL in ThingsBoard's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "thingsboard.cloud/api/v1/" + "x" * 20),
    ),
)
