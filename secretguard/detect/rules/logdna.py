"""Mezmo: ingestion keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "logdna-ingestion-key")

RULES = (
    Rule(
        id="logdna-ingestion-key",
        description="Mezmo ingestion key",
        patterns=(near("(?:logdna|mezmo)", f"{HEX}{{32}}"),),
        url="https://docs.mezmo.com/",
        revoke="Delete the ingestion key in Mezmo's settings, and make a new one.",
        examples=named("logdna", _KEY),
        near_misses=one_off("logdna", _KEY),
        judge="beside",
    ),
)
