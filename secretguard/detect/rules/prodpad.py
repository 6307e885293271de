"""Prodpad: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "prodpad-api-key")

RULES = (
    Rule(
        id="prodpad-api-key",
        description="Prodpad API key",
        patterns=(near("prodpad", f"{HEX}{{64}}"),),
        url="https://help.prodpad.com/",
        revoke="Delete the API key in Prodpad's settings, and make a new one.",
        examples=named("prodpad", _KEY),
        near_misses=one_off("prodpad", _KEY),
        judge="beside",
    ),
)
