"""Stitch: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(35, "stitch-api-token")

RULES = (
    Rule(
        id="stitch-api-token",
        description="Stitch API token",
        patterns=(near("stitchdata", f"{HEX}{{35}}"),),
        url="https://www.stitchdata.com/docs/developers/stitch-connect/",
        revoke="Delete the API token in Stitch's settings, and make a new one.",
        examples=named("stitchdata", _KEY),
        near_misses=one_off("stitchdata", _KEY),
        judge="beside",
    ),
)
