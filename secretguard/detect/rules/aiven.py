"""Aiven: authentication tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(372, "aiven-token")

RULES = (
    Rule(
        id="aiven-token",
        description="Aiven authentication token",
        patterns=(near("aiven", "[A-Za-z0-9+/]{372}"),),
        url="https://aiven.io/docs/platform/concepts/authentication-tokens",
        revoke="Delete the authentication token in Aiven's settings, and make a new one.",
        examples=named("aiven", _KEY),
        near_misses=one_off("aiven", _KEY),
        judge="beside",
    ),
)
