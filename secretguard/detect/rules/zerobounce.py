"""ZeroBounce: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "zerobounce-api-key")

RULES = (
    Rule(
        id="zerobounce-api-key",
        description="ZeroBounce API key",
        patterns=(near("zerobounce", f"{HEX}{{32}}"),),
        url="https://www.zerobounce.net/docs/",
        revoke="Delete the API key in ZeroBounce's settings, and make a new one.",
        examples=named("zerobounce", _KEY),
        near_misses=one_off("zerobounce", _KEY),
        judge="beside",
    ),
)
