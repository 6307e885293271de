"""Currents: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(48, "currents-api-key")

RULES = (
    Rule(
        id="currents-api-key",
        description="Currents API key",
        patterns=(near("currents_?api", f"{WORD}{{48}}"),),
        url="https://currentsapi.services/en/docs/",
        revoke="Delete the API key in Currents's settings, and make a new one.",
        examples=named("currentsapi", _KEY),
        near_misses=one_off("currentsapi", _KEY),
        judge="beside",
    ),
)
