"""SparkPost: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "sparkpost-api-key")

RULES = (
    Rule(
        id="sparkpost-api-key",
        description="SparkPost API key",
        patterns=(near("sparkpost", f"{HEX}{{40}}"),),
        url="https://developers.sparkpost.com/api/",
        revoke="Delete the API key in SparkPost's settings, and make a new one.",
        examples=named("sparkpost", _KEY),
        near_misses=one_off("sparkpost", _KEY),
        judge="beside",
    ),
)
