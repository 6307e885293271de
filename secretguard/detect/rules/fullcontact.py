"""FullContact: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "fullcontact-api-key")

RULES = (
    Rule(
        id="fullcontact-api-key",
        description="FullContact API key",
        patterns=(near("fullcontact", f"{ALNUM}{{32}}"),),
        url="https://docs.fullcontact.com/",
        revoke="Delete the API key in FullContact's settings, and make a new one.",
        examples=named("fullcontact", _KEY),
        near_misses=one_off("fullcontact", _KEY),
        judge="beside",
    ),
)
