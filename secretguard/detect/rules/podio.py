"""Podio: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "podio-client-secret")

RULES = (
    Rule(
        id="podio-client-secret",
        description="Podio client secret",
        patterns=(near("podio", f"{ALNUM}{{64}}"),),
        url="https://developers.podio.com/authentication",
        revoke="Delete the client secret in Podio's settings, and make a new one.",
        examples=named("podio", _KEY),
        near_misses=one_off("podio", _KEY),
        judge="beside",
    ),
)
