"""Restpack: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(48, "restpack-access-token")

RULES = (
    Rule(
        id="restpack-access-token",
        description="Restpack access token",
        patterns=(near("restpack", f"{ALNUM}{{48}}"),),
        url="https://docs.restpack.io/",
        revoke="Delete the access token in Restpack's settings, and make a new one.",
        examples=named("restpack", _KEY),
        near_misses=one_off("restpack", _KEY),
        judge="beside",
    ),
)
