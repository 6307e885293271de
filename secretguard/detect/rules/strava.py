"""Strava: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "strava-client-secret")

RULES = (
    Rule(
        id="strava-client-secret",
        description="Strava client secret",
        patterns=(near("strava", f"{HEX}{{40}}"),),
        url="https://developers.strava.com/docs/authentication/",
        revoke="Delete the client secret in Strava's settings, and make a new one.",
        examples=named("strava", _KEY),
        near_misses=one_off("strava", _KEY),
        judge="beside",
    ),
)
