"""Gemini: API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(28, "gemini-exchange-api-secret")

RULES = (
    Rule(
        id="gemini-exchange-api-secret",
        description="Gemini API secret",
        patterns=(near("gemini_?(?:api_?secret|secret)", f"{ALNUM}{{28}}"),),
        url="https://docs.gemini.com/rest-api/",
        revoke="Delete the API secret in Gemini's settings, and make a new one.",
        examples=named("gemini_secret", _KEY),
        near_misses=one_off("gemini_secret", _KEY),
        judge="beside",
    ),
)
