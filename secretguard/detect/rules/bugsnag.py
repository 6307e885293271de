"""BugSnag: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "bugsnag-api-key")

RULES = (
    Rule(
        id="bugsnag-api-key",
        description="BugSnag API key",
        patterns=(near("bugsnag", f"{HEX}{{32}}"),),
        url="https://docs.bugsnag.com/api/",
        revoke="Delete the API key in BugSnag's settings, and make a new one.",
        examples=named("bugsnag", _KEY),
        near_misses=one_off("bugsnag", _KEY),
        judge="beside",
    ),
)
