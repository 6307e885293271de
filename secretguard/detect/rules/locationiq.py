"""LocationIQ: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "locationiq-access-token")

RULES = (
    Rule(
        id="locationiq-access-token",
        description="LocationIQ access token",
        patterns=(near("locationiq", f"{HEX}{{32}}"),),
        url="https://docs.locationiq.com/docs/quickstart",
        revoke="Delete the access token in LocationIQ's settings, and make a new one.",
        examples=named("locationiq", _KEY),
        near_misses=one_off("locationiq", _KEY),
        judge="beside",
    ),
)
