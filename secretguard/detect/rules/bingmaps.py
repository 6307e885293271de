"""Bing Maps: keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(64, "bingmaps-key")

RULES = (
    Rule(
        id="bingmaps-key",
        description="Bing Maps key",
        patterns=(near("bing_?maps", f"{WORD}{{64}}"),),
        url="https://learn.microsoft.com/en-us/bingmaps/getting-started/bing-maps-dev-center-help/getting-a-bing-maps-key",
        revoke="Delete the key in Bing Maps's settings, and make a new one.",
        examples=named("bingmaps", _KEY),
        near_misses=one_off("bingmaps", _KEY),
        judge="beside",
    ),
)
