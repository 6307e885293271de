"""DeviantArt: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "deviantart-client-secret")

RULES = (
    Rule(
        id="deviantart-client-secret",
        description="DeviantArt client secret",
        patterns=(near("deviantart", f"{HEX}{{32}}"),),
        url="https://www.deviantart.com/developers/authentication",
        revoke="Delete the client secret in DeviantArt's settings, and make a new one.",
        examples=named("deviantart", _KEY),
        near_misses=one_off("deviantart", _KEY),
        judge="beside",
    ),
)
