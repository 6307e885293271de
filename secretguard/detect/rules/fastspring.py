"""FastSpring: API passwords."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(22, "fastspring-api-password")

RULES = (
    Rule(
        id="fastspring-api-password",
        description="FastSpring API password",
        patterns=(near("fastspring", f"{ALNUM}{{22}}"),),
        url="https://developer.fastspring.com/reference/",
        revoke="Delete the API password in FastSpring's settings, and make a new one.",
        examples=named("fastspring", _KEY),
        near_misses=one_off("fastspring", _KEY),
        judge="beside",
    ),
)
