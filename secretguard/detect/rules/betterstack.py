"""Better Stack: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(24, "betterstack-api-token")

RULES = (
    Rule(
        id="betterstack-api-token",
        description="Better Stack API token",
        patterns=(near("(?:better_?stack|logtail|better_?uptime)", f"{ALNUM}{{24}}"),),
        url="https://betterstack.com/docs/uptime/api/getting-started-with-uptime-api/",
        revoke="Delete the API token in Better Stack's settings, and make a new one.",
        examples=named("betterstack", _KEY),
        near_misses=one_off("betterstack", _KEY),
        judge="beside",
    ),
)
