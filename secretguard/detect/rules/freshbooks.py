"""FreshBooks: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "freshbooks-access-token")

RULES = (
    Rule(
        id="freshbooks-access-token",
        description="FreshBooks access token",
        patterns=(near("freshbooks", f"{ALNUM}{{64}}"),),
        url="https://www.freshbooks.com/api/authentication",
        revoke="Delete the access token in FreshBooks's settings, and make a new one.",
        examples=named("freshbooks", _KEY),
        near_misses=one_off("freshbooks", _KEY),
        judge="beside",
    ),
)
