"""Klipfolio: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "klipfolio-api-key")

RULES = (
    Rule(
        id="klipfolio-api-key",
        description="Klipfolio API key",
        patterns=(near("klipfolio", f"{HEX}{{40}}"),),
        url="https://apidocs.klipfolio.com/",
        revoke="Delete the API key in Klipfolio's settings, and make a new one.",
        examples=named("klipfolio", _KEY),
        near_misses=one_off("klipfolio", _KEY),
        judge="beside",
    ),
)
