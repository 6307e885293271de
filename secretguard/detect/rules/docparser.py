"""Docparser: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "docparser-api-key")

RULES = (
    Rule(
        id="docparser-api-key",
        description="Docparser API key",
        patterns=(near("docparser", f"{HEX}{{40}}"),),
        url="https://docs.docparser.com/",
        revoke="Delete the API key in Docparser's settings, and make a new one.",
        examples=named("docparser", _KEY),
        near_misses=one_off("docparser", _KEY),
        judge="beside",
    ),
)
