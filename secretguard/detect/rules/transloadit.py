"""Transloadit: auth secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "transloadit-auth-secret")

RULES = (
    Rule(
        id="transloadit-auth-secret",
        description="Transloadit auth secret",
        patterns=(near("transloadit", f"{HEX}{{40}}"),),
        url="https://transloadit.com/docs/api/authentication/",
        revoke="Delete the auth secret in Transloadit's settings, and make a new one.",
        examples=named("transloadit", _KEY),
        near_misses=one_off("transloadit", _KEY),
        judge="beside",
    ),
)
