"""Etsy: keystrings."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(24, "etsy-keystring")

RULES = (
    Rule(
        id="etsy-keystring",
        description="Etsy keystring",
        patterns=(near("etsy", f"{LOWER}{{24}}"),),
        url="https://developers.etsy.com/documentation/essentials/authentication/",
        revoke="Delete the keystring in Etsy's settings, and make a new one.",
        examples=named("etsy", _KEY),
        near_misses=one_off("etsy", _KEY),
        judge="beside",
    ),
)
