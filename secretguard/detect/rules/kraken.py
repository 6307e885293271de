"""Kraken: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(86, "kraken") + "=="

RULES = (
    Rule(
        id="kraken-api-secret",
        description="Kraken API secret",
        patterns=(near("kraken", "[A-Za-z0-9+/]{86}=="),),
        url="https://docs.kraken.com/api/docs/guides/spot-rest-auth/",
        revoke="Delete the API secret in Kraken's settings, and make a new one.",
        examples=named("kraken", _KEY),
        near_misses=one_off("kraken", _KEY),
        judge="beside",
    ),
)
