"""Mollie: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = "live_" + made_up.alnum(30, "mollie")

RULES = (
    Rule(
        id="mollie-api-key",
        description="Mollie API key",
        patterns=(near("mollie", "(?:live|test)_[A-Za-z0-9]{30}"),),
        url="https://docs.mollie.com/reference/authentication",
        revoke="Delete the API key in Mollie's settings, and make a new one.",
        examples=named("mollie", _KEY),
        near_misses=one_off("mollie", _KEY),
        judge="beside",
    ),
)
