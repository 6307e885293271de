"""Keen IO: write keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "keenio-write-key")

RULES = (
    Rule(
        id="keenio-write-key",
        description="Keen IO write key",
        patterns=(near(r"keen(?:_?io|_?write|_?read|_?master|\.io)", f"{HEX}{{64}}"),),
        url="https://keen.io/docs/api/",
        revoke="Delete the write key in Keen IO's settings, and make a new one.",
        examples=named("keen_write", _KEY),
        near_misses=one_off("keen_write", _KEY),
        judge="beside",
    ),
)
