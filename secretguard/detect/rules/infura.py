"""Infura: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "infura-api-key")

RULES = (
    Rule(
        id="infura-api-key",
        description="Infura API key",
        patterns=(near("infura", f"{HEX}{{32}}"),),
        url="https://docs.metamask.io/services/get-started/infura/",
        revoke="Delete the API key in Infura's settings, and make a new one.",
        examples=named("infura", _KEY),
        near_misses=one_off("infura", _KEY),
        judge="beside",
    ),
)
