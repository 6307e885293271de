"""Edamam: app keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "edamam-app-key")

RULES = (
    Rule(
        id="edamam-app-key",
        description="Edamam app key",
        patterns=(near("edamam", f"{HEX}{{32}}"),),
        url="https://developer.edamam.com/",
        revoke="Delete the app key in Edamam's settings, and make a new one.",
        examples=named("edamam", _KEY),
        near_misses=one_off("edamam", _KEY),
        judge="beside",
    ),
)
