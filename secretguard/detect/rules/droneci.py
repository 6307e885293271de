"""Drone CI: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "droneci-access-token")

RULES = (
    Rule(
        id="droneci-access-token",
        description="Drone CI access token",
        patterns=(near("drone(?:_?ci|_?token|_?server|_?secret|_?rpc)", f"{ALNUM}{{32}}"),),
        url="https://docs.drone.io/server/user/machine/",
        revoke="Delete the access token in Drone CI's settings, and make a new one.",
        examples=named("drone_token", _KEY),
        near_misses=one_off("drone_token", _KEY),
        judge="beside",
    ),
)
