"""Dynalist: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(128, "dynalist-api-token")

RULES = (
    Rule(
        id="dynalist-api-token",
        description="Dynalist API token",
        patterns=(near("dynalist", f"{WORD}{{128}}"),),
        url="https://apidocs.dynalist.io/",
        revoke="Delete the API token in Dynalist's settings, and make a new one.",
        examples=named("dynalist", _KEY),
        near_misses=one_off("dynalist", _KEY),
        judge="beside",
    ),
)
