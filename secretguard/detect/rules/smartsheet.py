"""Smartsheet: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(37, "smartsheet-access-token")

RULES = (
    Rule(
        id="smartsheet-access-token",
        description="Smartsheet access token",
        patterns=(near("smartsheet", f"{ALNUM}{{37}}"),),
        url="https://developers.smartsheet.com/",
        revoke="Delete the access token in Smartsheet's settings, and make a new one.",
        examples=named("smartsheet", _KEY),
        near_misses=one_off("smartsheet", _KEY),
        judge="beside",
    ),
)
