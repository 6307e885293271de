"""Qase: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "qase-api-token")

RULES = (
    Rule(
        id="qase-api-token",
        description="Qase API token",
        patterns=(near("qase", f"{HEX}{{40}}"),),
        url="https://developers.qase.io/",
        revoke="Delete the API token in Qase's settings, and make a new one.",
        examples=named("qase", _KEY),
        near_misses=one_off("qase", _KEY),
        judge="beside",
    ),
)
