"""Wistia: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "wistia-api-token")

RULES = (
    Rule(
        id="wistia-api-token",
        description="Wistia API token",
        patterns=(near("wistia", f"{HEX}{{64}}"),),
        url="https://docs.wistia.com/docs/making-api-requests",
        revoke="Delete the API token in Wistia's settings, and make a new one.",
        examples=named("wistia", _KEY),
        near_misses=one_off("wistia", _KEY),
        judge="beside",
    ),
)
