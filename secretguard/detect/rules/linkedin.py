"""LinkedIn: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(16, "linkedin-client-secret")

RULES = (
    Rule(
        id="linkedin-client-secret",
        description="LinkedIn client secret",
        patterns=(near("linkedin", f"{ALNUM}{{16}}"),),
        url="https://learn.microsoft.com/en-us/linkedin/shared/authentication/authentication",
        revoke="Delete the client secret in LinkedIn's settings, and make a new one.",
        examples=named("linkedin", _KEY),
        near_misses=one_off("linkedin", _KEY),
        judge="beside",
    ),
)
