"""The Odds API: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "theoddsapi-api-key")

RULES = (
    Rule(
        id="theoddsapi-api-key",
        description="The Odds API API key",
        patterns=(near("the-?odds-?api", f"{HEX}{{32}}"),),
        url="https://the-odds-api.com/liveapi/guides/v4/",
        revoke="Delete the API key in The Odds API's settings, and make a new one.",
        examples=named("theoddsapi", _KEY),
        near_misses=one_off("theoddsapi", _KEY),
        judge="beside",
    ),
)
