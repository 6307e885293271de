"""AppsFlyer: dev keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(22, "appsflyer-dev-key")

RULES = (
    Rule(
        id="appsflyer-dev-key",
        description="AppsFlyer dev key",
        patterns=(near("appsflyer", f"{ALNUM}{{22}}"),),
        url="https://dev.appsflyer.com/hc/",
        revoke="Delete the dev key in AppsFlyer's settings, and make a new one.",
        examples=named("appsflyer", _KEY),
        near_misses=one_off("appsflyer", _KEY),
        judge="beside",
    ),
)
