"""Squarespace: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("squarespace-api-key")

RULES = (
    Rule(
        id="squarespace-api-key",
        description="Squarespace API key",
        patterns=(near("squarespace", UUID),),
        url="https://developers.squarespace.com/commerce-apis/authentication-and-permissions",
        revoke="Delete the API key in Squarespace's settings, and make a new one.",
        examples=named("squarespace", _KEY),
        near_misses=one_off("squarespace", _KEY),
        judge="beside",
    ),
)
