"""Elastic Email: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(96, "elasticemail-api-key")

RULES = (
    Rule(
        id="elasticemail-api-key",
        description="Elastic Email API key",
        patterns=(near("elastic_?email", f"{UPPER}{{96}}"),),
        url="https://elasticemail.com/developers/api-documentation/",
        revoke="Delete the API key in Elastic Email's settings, and make a new one.",
        examples=named("elasticemail", _KEY),
        near_misses=one_off("elasticemail", _KEY),
        judge="beside",
    ),
)
