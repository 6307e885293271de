"""ConvertKit: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "convertkit-api-secret")

RULES = (
    Rule(
        id="convertkit-api-secret",
        description="ConvertKit API secret",
        patterns=(near("convertkit", f"{WORD}{{43}}"),),
        url="https://developers.kit.com/",
        revoke="Delete the API secret in ConvertKit's settings, and make a new one.",
        examples=named("convertkit", _KEY),
        near_misses=one_off("convertkit", _KEY),
        judge="beside",
    ),
)
