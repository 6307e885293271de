"""Airbrake: project keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "airbrake-project-key")

RULES = (
    Rule(
        id="airbrake-project-key",
        description="Airbrake project key",
        patterns=(near("airbrake", f"{HEX}{{32}}"),),
        url="https://docs.airbrake.io/",
        revoke="Delete the project key in Airbrake's settings, and make a new one.",
        examples=named("airbrake", _KEY),
        near_misses=one_off("airbrake", _KEY),
        judge="beside",
    ),
)
