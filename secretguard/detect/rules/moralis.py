"""Moralis: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "moralis-api-key")

RULES = (
    Rule(
        id="moralis-api-key",
        description="Moralis API key",
        patterns=(near("moralis", f"{ALNUM}{{64}}"),),
        url="https://docs.moralis.com/",
        revoke="Delete the API key in Moralis's settings, and make a new one.",
        examples=named("moralis", _KEY),
        near_misses=one_off("moralis", _KEY),
        judge="beside",
    ),
)
