"""Persona: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "persona_production_" + made_up.uuid("persona-api-key")

RULES = (
    Rule(
        id="persona-api-key",
        description="Persona API key",
        patterns=(prefixed("persona_(?:production|sandbox)_", UUID),),
        url="https://docs.withpersona.com/api-keys",
        revoke="Delete the API key in Persona's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
