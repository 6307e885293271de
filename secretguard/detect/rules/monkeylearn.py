"""MonkeyLearn: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "monkeylearn-api-token")

RULES = (
    Rule(
        id="monkeylearn-api-token",
        description="MonkeyLearn API token",
        patterns=(near("monkeylearn", f"{HEX}{{40}}"),),
        url="https://monkeylearn.com/api/v3/",
        revoke="Delete the API token in MonkeyLearn's settings, and make a new one.",
        examples=named("monkeylearn", _KEY),
        near_misses=one_off("monkeylearn", _KEY),
        judge="beside",
    ),
)
