"""Rebrandly: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "rebrandly-api-key")

RULES = (
    Rule(
        id="rebrandly-api-key",
        description="Rebrandly API key",
        patterns=(near("rebrandly", f"{HEX}{{32}}"),),
        url="https://developers.rebrandly.com/docs/api-key-authentication",
        revoke="Delete the API key in Rebrandly's settings, and make a new one.",
        examples=named("rebrandly", _KEY),
        near_misses=one_off("rebrandly", _KEY),
        judge="beside",
    ),
)
