"""OpenUV: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "openuv-api-key")

RULES = (
    Rule(
        id="openuv-api-key",
        description="OpenUV API key",
        patterns=(near("openuv", f"{HEX}{{32}}"),),
        url="https://www.openuv.io/",
        revoke="Delete the API key in OpenUV's settings, and make a new one.",
        examples=named("openuv", _KEY),
        near_misses=one_off("openuv", _KEY),
        judge="beside",
    ),
)
