"""Langfuse: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "sk-lf-" + made_up.uuid("langfuse-secret-key")

RULES = (
    Rule(
        id="langfuse-secret-key",
        description="Langfuse secret key",
        patterns=(prefixed("sk-lf-", UUID),),
        url="https://langfuse.com/docs/api",
        revoke="Delete the secret key in Langfuse's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
