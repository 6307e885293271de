"""Refiner: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "refiner-" + made_up.uuid("refiner-api-key")

RULES = (
    Rule(
        id="refiner-api-key",
        description="Refiner API key",
        patterns=(prefixed("refiner-", UUID),),
        url="https://refiner.io/docs/api/",
        revoke="Delete the API key in Refiner's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
