"""Xata: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "xau_" + made_up.alnum(40, "xata-api-key")

RULES = (
    Rule(
        id="xata-api-key",
        description="Xata API key",
        patterns=(token("xau_", WORD, 40, 60),),
        url="https://xata.io/docs/concepts/api-keys",
        revoke="Delete the API key in Xata's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("xau_" + made_up.alnum(39, "short"), "xau_" + "x" * 40),
    ),
)
