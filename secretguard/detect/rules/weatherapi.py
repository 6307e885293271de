"""WeatherAPI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(31, "weatherapi-api-key")

RULES = (
    Rule(
        id="weatherapi-api-key",
        description="WeatherAPI API key",
        patterns=(near("weather_?api", f"{ALNUM}{{31}}"),),
        url="https://www.weatherapi.com/docs/",
        revoke="Delete the API key in WeatherAPI's settings, and make a new one.",
        examples=named("weatherapi", _KEY),
        near_misses=one_off("weatherapi", _KEY),
        judge="beside",
    ),
)
