"""CloudConvert: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "cloudconvert-api-key")

RULES = (
    Rule(
        id="cloudconvert-api-key",
        description="CloudConvert API key",
        patterns=(near("cloudconvert", f"{ALNUM}{{64}}"),),
        url="https://cloudconvert.com/api/v2",
        revoke="Delete the API key in CloudConvert's settings, and make a new one.",
        examples=named("cloudconvert", _KEY),
        near_misses=one_off("cloudconvert", _KEY),
        judge="beside",
    ),
)
