"""Holiday API: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("holidayapi-api-key")

RULES = (
    Rule(
        id="holidayapi-api-key",
        description="Holiday API API key",
        patterns=(near("holidayapi", UUID),),
        url="https://holidayapi.com/docs",
        revoke="Delete the API key in Holiday API's settings, and make a new one.",
        examples=named("holidayapi", _KEY),
        near_misses=one_off("holidayapi", _KEY),
        judge="beside",
    ),
)
