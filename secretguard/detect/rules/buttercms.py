"""ButterCMS: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "buttercms-api-key")

RULES = (
    Rule(
        id="buttercms-api-key",
        description="ButterCMS API key",
        patterns=(near("buttercms", f"{HEX}{{40}}"),),
        url="https://buttercms.com/docs/api/",
        revoke="Delete the API key in ButterCMS's settings, and make a new one.",
        examples=named("buttercms", _KEY),
        near_misses=one_off("buttercms", _KEY),
        judge="beside",
    ),
)
