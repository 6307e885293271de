"""Imagga: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "imagga-api-secret")

RULES = (
    Rule(
        id="imagga-api-secret",
        description="Imagga API secret",
        patterns=(near("imagga", f"{HEX}{{32}}"),),
        url="https://docs.imagga.com/",
        revoke="Delete the API secret in Imagga's settings, and make a new one.",
        examples=named("imagga", _KEY),
        near_misses=one_off("imagga", _KEY),
        judge="beside",
    ),
)
