"""Lemlist: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "lemlist-api-key")

RULES = (
    Rule(
        id="lemlist-api-key",
        description="Lemlist API key",
        patterns=(near("lemlist", f"{HEX}{{32}}"),),
        url="https://developer.lemlist.com/",
        revoke="Delete the API key in Lemlist's settings, and make a new one.",
        examples=named("lemlist", _KEY),
        near_misses=one_off("lemlist", _KEY),
        judge="beside",
    ),
)
