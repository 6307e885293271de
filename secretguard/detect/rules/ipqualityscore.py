"""IPQualityScore: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "ipqualityscore-api-key")

RULES = (
    Rule(
        id="ipqualityscore-api-key",
        description="IPQualityScore API key",
        patterns=(near("ipquality", f"{ALNUM}{{32}}"),),
        url="https://www.ipqualityscore.com/documentation/overview",
        revoke="Delete the API key in IPQualityScore's settings, and make a new one.",
        examples=named("ipquality", _KEY),
        near_misses=one_off("ipquality", _KEY),
        judge="beside",
    ),
)
