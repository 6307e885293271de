"""Glassnode: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(27, "glassnode-api-key")

RULES = (
    Rule(
        id="glassnode-api-key",
        description="Glassnode API key",
        patterns=(near("glassnode", f"{ALNUM}{{27}}"),),
        url="https://docs.glassnode.com/basic-api/api-key",
        revoke="Delete the API key in Glassnode's settings, and make a new one.",
        examples=named("glassnode", _KEY),
        near_misses=one_off("glassnode", _KEY),
        judge="beside",
    ),
)
