"""packagecloud: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(48, "packagecloud-api-token")

RULES = (
    Rule(
        id="packagecloud-api-token",
        description="packagecloud API token",
        patterns=(near("packagecloud", f"{HEX}{{48}}"),),
        url="https://packagecloud.io/docs/api",
        revoke="Delete the API token in packagecloud's settings, and make a new one.",
        examples=named("packagecloud", _KEY),
        near_misses=one_off("packagecloud", _KEY),
        judge="beside",
    ),
)
