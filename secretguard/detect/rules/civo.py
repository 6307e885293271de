"""Civo: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(50, "civo-api-key")

RULES = (
    Rule(
        id="civo-api-key",
        description="Civo API key",
        patterns=(near("civo", f"{ALNUM}{{50}}"),),
        url="https://www.civo.com/api",
        revoke="Delete the API key in Civo's settings, and make a new one.",
        examples=named("civo", _KEY),
        near_misses=one_off("civo", _KEY),
        judge="beside",
    ),
)
