"""Amplitude: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "amplitude-api-key")

RULES = (
    Rule(
        id="amplitude-api-key",
        description="Amplitude API key",
        patterns=(near("amplitude", f"{HEX}{{32}}"),),
        url="https://amplitude.com/docs/apis/authentication",
        revoke="Delete the API key in Amplitude's settings, and make a new one.",
        examples=named("amplitude", _KEY),
        near_misses=one_off("amplitude", _KEY),
        judge="beside",
    ),
)
