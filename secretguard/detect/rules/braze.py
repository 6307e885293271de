"""Braze: REST API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("braze-rest-api-key")

RULES = (
    Rule(
        id="braze-rest-api-key",
        description="Braze REST API key",
        patterns=(near("braze", UUID),),
        url="https://www.braze.com/docs/api/basics/",
        revoke="Delete the REST API key in Braze's settings, and make a new one.",
        examples=named("braze", _KEY),
        near_misses=one_off("braze", _KEY),
        judge="beside",
    ),
)
