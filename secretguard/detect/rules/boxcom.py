"""Box: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "boxcom-client-secret")

RULES = (
    Rule(
        id="boxcom-client-secret",
        description="Box client secret",
        patterns=(near(r"box(?:_?client|_?secret|_?api|_?token|_?access|_?dev|\.com|_?key)", f"{ALNUM}{{32}}"),),
        url="https://developer.box.com/guides/authentication/",
        revoke="Delete the client secret in Box's settings, and make a new one.",
        examples=named("box_key", _KEY),
        near_misses=one_off("box_key", _KEY),
        judge="beside",
    ),
)
