"""JumpCloud: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "jumpcloud-api-key")

RULES = (
    Rule(
        id="jumpcloud-api-key",
        description="JumpCloud API key",
        patterns=(near("jumpcloud", f"{ALNUM}{{40}}"),),
        url="https://jumpcloud.com/support/jumpcloud-apis1",
        revoke="Delete the API key in JumpCloud's settings, and make a new one.",
        examples=named("jumpcloud", _KEY),
        near_misses=one_off("jumpcloud", _KEY),
        judge="beside",
    ),
)
