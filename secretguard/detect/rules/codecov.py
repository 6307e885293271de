"""Codecov: upload tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("codecov-upload-token")

RULES = (
    Rule(
        id="codecov-upload-token",
        description="Codecov upload token",
        patterns=(near("codecov", UUID),),
        url="https://docs.codecov.com/docs/codecov-tokens",
        revoke="Delete the upload token in Codecov's settings, and make a new one.",
        examples=named("codecov", _KEY),
        near_misses=one_off("codecov", _KEY),
        judge="beside",
    ),
)
