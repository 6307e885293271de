"""OpenWeather: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "openweather-api-key")

RULES = (
    Rule(
        id="openweather-api-key",
        description="OpenWeather API key",
        patterns=(near("(?:openweather|pyowm|owm[_-]?(?:api|key))", f"{HEX}{{32}}"),),
        url="https://openweathermap.org/appid",
        revoke="Delete the API key in OpenWeather's settings, and make a new one.",
        examples=named("openweather", _KEY),
        near_misses=one_off("openweather", _KEY),
        judge="beside",
    ),
)
