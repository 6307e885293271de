"""Rollbar: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "rollbar-access-token")

RULES = (
    Rule(
        id="rollbar-access-token",
        description="Rollbar access token",
        patterns=(near("rollbar", f"{HEX}{{32}}"),),
        url="https://docs.rollbar.com/docs/access-tokens",
        revoke="Delete the access token in Rollbar's settings, and make a new one.",
        examples=named("rollbar", _KEY),
        near_misses=one_off("rollbar", _KEY),
        judge="beside",
    ),
)
