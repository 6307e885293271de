"""ZeroTier: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "zerotier-api-token")

RULES = (
    Rule(
        id="zerotier-api-token",
        description="ZeroTier API token",
        patterns=(near("zerotier", f"{ALNUM}{{32}}"),),
        url="https://docs.zerotier.com/api/tokens/",
        revoke="Delete the API token in ZeroTier's settings, and make a new one.",
        examples=named("zerotier", _KEY),
        near_misses=one_off("zerotier", _KEY),
        judge="beside",
    ),
)
