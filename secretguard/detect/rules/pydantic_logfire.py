"""Logfire: write tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pylf_v1_us_" + made_up.alnum(43, "logfire-write-token")

RULES = (
    Rule(
        id="logfire-write-token",
        description="Logfire write token",
        patterns=(token("pylf_v[0-9]_(?:us|eu)_", ALNUM, 43),),
        url="https://logfire.pydantic.dev/docs/how-to-guides/create-write-tokens/",
        revoke="Delete the write token in Logfire's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pylf_v1_us_" + "x" * 43),
    ),
)
