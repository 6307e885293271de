"""Daily: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "dailyco-api-key")

RULES = (
    Rule(
        id="dailyco-api-key",
        description="Daily API key",
        patterns=(near(r"daily(?:_?co|\.co|_?api|_?key)", f"{HEX}{{64}}"),),
        url="https://docs.daily.co/reference/rest-api",
        revoke="Delete the API key in Daily's settings, and make a new one.",
        examples=named("daily_key", _KEY),
        near_misses=one_off("daily_key", _KEY),
        judge="beside",
    ),
)
