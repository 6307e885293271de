"""Semaphore: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "semaphore-api-token")

RULES = (
    Rule(
        id="semaphore-api-token",
        description="Semaphore API token",
        patterns=(near("semaphore_?(?:ci|api|token|key)", f"{ALNUM}{{32}}"),),
        url="https://docs.semaphore.io/",
        revoke="Delete the API token in Semaphore's settings, and make a new one.",
        examples=named("semaphore_token", _KEY),
        near_misses=one_off("semaphore_token", _KEY),
        judge="beside",
    ),
)
