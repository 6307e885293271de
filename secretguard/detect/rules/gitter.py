"""Gitter: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "gitter-access-token")

RULES = (
    Rule(
        id="gitter-access-token",
        description="Gitter access token",
        patterns=(near("gitter", f"{HEX}{{40}}"),),
        url="https://developer.gitter.im/docs/authentication",
        revoke="Delete the access token in Gitter's settings, and make a new one.",
        examples=named("gitter", _KEY),
        near_misses=one_off("gitter", _KEY),
        judge="beside",
    ),
)
