"""Twelve Data: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "twelvedata-api-key")

RULES = (
    Rule(
        id="twelvedata-api-key",
        description="Twelve Data API key",
        patterns=(near("twelve_?data", f"{HEX}{{32}}"),),
        url="https://twelvedata.com/docs",
        revoke="Delete the API key in Twelve Data's settings, and make a new one.",
        examples=named("twelvedata", _KEY),
        near_misses=one_off("twelvedata", _KEY),
        judge="beside",
    ),
)
