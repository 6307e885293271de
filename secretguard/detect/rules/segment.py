"""Segment: public API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "sgp_" + made_up.alnum(64, "segment-public-api-token")

RULES = (
    Rule(
        id="segment-public-api-token",
        description="Segment public API token",
        patterns=(token("sgp_", ALNUM, 64),),
        url="https://docs.segmentapis.com/",
        revoke="Delete the public API token in Segment's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sgp_" + "x" * 64),
    ),
)
