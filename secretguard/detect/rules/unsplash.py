"""Unsplash: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "unsplash-access-key")

RULES = (
    Rule(
        id="unsplash-access-key",
        description="Unsplash access key",
        patterns=(near("unsplash", f"{WORD}{{43}}"),),
        url="https://unsplash.com/documentation",
        revoke="Delete the access key in Unsplash's settings, and make a new one.",
        examples=named("unsplash", _KEY),
        near_misses=one_off("unsplash", _KEY),
        judge="beside",
    ),
)
