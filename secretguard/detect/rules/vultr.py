"""Vultr: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(36, "vultr-api-key")

RULES = (
    Rule(
        id="vultr-api-key",
        description="Vultr API key",
        patterns=(near("vultr", f"{UPPER}{{36}}"),),
        url="https://www.vultr.com/api/#section/Authentication",
        revoke="Delete the API key in Vultr's settings, and make a new one.",
        examples=named("vultr", _KEY),
        near_misses=one_off("vultr", _KEY),
        judge="beside",
    ),
)
