"""Algolia: admin API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "algolia")

RULES = (
    Rule(
        id="algolia-api-key",
        description="Algolia API key",
        patterns=(near("algolia", f"{HEX}{{32}}"),),
        url="https://www.algolia.com/doc/guides/security/api-keys/",
        revoke="Delete the key on the dashboard's API keys page.",
        examples=named("algolia", _KEY),
        near_misses=one_off("algolia", _KEY),
        judge="beside",
    ),
)
