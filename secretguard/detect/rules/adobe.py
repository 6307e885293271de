"""Adobe: client IDs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "adobe-client-id")

RULES = (
    Rule(
        id="adobe-client-id",
        description="Adobe client ID",
        patterns=(near("adobe", f"{HEX}{{32}}"),),
        url="https://developer.adobe.com/developer-console/docs/guides/authentication/",
        revoke="Delete the client ID in Adobe's settings, and make a new one.",
        examples=named("adobe", _KEY),
        near_misses=one_off("adobe", _KEY),
        judge="beside",
    ),
)
