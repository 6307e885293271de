"""TeleSign: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(88, "telesign-api-key")

RULES = (
    Rule(
        id="telesign-api-key",
        description="TeleSign API key",
        patterns=(near("telesign", "[A-Za-z0-9+/]{88}"),),
        url="https://developer.telesign.com/",
        revoke="Delete the API key in TeleSign's settings, and make a new one.",
        examples=named("telesign", _KEY),
        near_misses=one_off("telesign", _KEY),
        judge="beside",
    ),
)
