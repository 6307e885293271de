"""Axiom: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "xaat-" + made_up.uuid("axiom-api-token")

RULES = (
    Rule(
        id="axiom-api-token",
        description="Axiom API token",
        patterns=(prefixed("xa[ap]t-", UUID),),
        url="https://axiom.co/docs/reference/tokens",
        revoke="Delete the API token in Axiom's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
