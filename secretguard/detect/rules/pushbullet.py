"""Pushbullet: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(34, "pushbullet-access-token")

RULES = (
    Rule(
        id="pushbullet-access-token",
        description="Pushbullet access token",
        patterns=(near("pushbullet", f"{ALNUM}{{34}}"),),
        url="https://docs.pushbullet.com/",
        revoke="Delete the access token in Pushbullet's settings, and make a new one.",
        examples=named("pushbullet", _KEY),
        near_misses=one_off("pushbullet", _KEY),
        judge="beside",
    ),
)
