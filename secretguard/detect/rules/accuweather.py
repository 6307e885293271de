"""AccuWeather: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "accuweather-api-key")

RULES = (
    Rule(
        id="accuweather-api-key",
        description="AccuWeather API key",
        patterns=(near("accuweather", f"{ALNUM}{{32}}"),),
        url="https://developer.accuweather.com/",
        revoke="Delete the API key in AccuWeather's settings, and make a new one.",
        examples=named("accuweather", _KEY),
        near_misses=one_off("accuweather", _KEY),
        judge="beside",
    ),
)
