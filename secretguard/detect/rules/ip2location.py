"""IP2Location: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(32, "ip2location-api-key")

RULES = (
    Rule(
        id="ip2location-api-key",
        description="IP2Location API key",
        patterns=(near("ip2location", f"{UPPER}{{32}}"),),
        url="https://www.ip2location.io/ip2location-documentation",
        revoke="Delete the API key in IP2Location's settings, and make a new one.",
        examples=named("ip2location", _KEY),
        near_misses=one_off("ip2location", _KEY),
        judge="beside",
    ),
)
