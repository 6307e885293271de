"""Baseten: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(8, "b") + "." + made_up.alnum(32, "baseten")

RULES = (
    Rule(
        id="baseten-api-key",
        description="Baseten API key",
        patterns=(near("baseten", r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}"),),
        url="https://docs.baseten.co/",
        revoke="Delete the API key in Baseten's settings, and make a new one.",
        examples=named("baseten", _KEY),
        near_misses=one_off("baseten", _KEY),
        judge="beside",
    ),
)
