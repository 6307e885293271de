"""Clockify: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(48, "clockify-api-key")

RULES = (
    Rule(
        id="clockify-api-key",
        description="Clockify API key",
        patterns=(near("clockify", f"{ALNUM}{{48}}"),),
        url="https://docs.clockify.me/",
        revoke="Delete the API key in Clockify's settings, and make a new one.",
        examples=named("clockify", _KEY),
        near_misses=one_off("clockify", _KEY),
        judge="beside",
    ),
)
