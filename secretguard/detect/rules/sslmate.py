"""SSLMate: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(36, "sslmate-api-key")

RULES = (
    Rule(
        id="sslmate-api-key",
        description="SSLMate API key",
        patterns=(near("sslmate", f"{ALNUM}{{36}}"),),
        url="https://sslmate.com/help/reference/apiv2",
        revoke="Delete the API key in SSLMate's settings, and make a new one.",
        examples=named("sslmate", _KEY),
        near_misses=one_off("sslmate", _KEY),
        judge="beside",
    ),
)
