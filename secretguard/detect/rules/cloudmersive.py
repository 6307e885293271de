"""Cloudmersive: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("cloudmersive-api-key")

RULES = (
    Rule(
        id="cloudmersive-api-key",
        description="Cloudmersive API key",
        patterns=(near("cloudmersive", UUID),),
        url="https://api.cloudmersive.com/docs/",
        revoke="Delete the API key in Cloudmersive's settings, and make a new one.",
        examples=named("cloudmersive", _KEY),
        near_misses=one_off("cloudmersive", _KEY),
        judge="beside",
    ),
)
