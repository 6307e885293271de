"""Tumblr: consumer secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(50, "tumblr-consumer-secret")

RULES = (
    Rule(
        id="tumblr-consumer-secret",
        description="Tumblr consumer secret",
        patterns=(near("tumblr", f"{ALNUM}{{50}}"),),
        url="https://www.tumblr.com/docs/en/api/v2",
        revoke="Delete the consumer secret in Tumblr's settings, and make a new one.",
        examples=named("tumblr", _KEY),
        near_misses=one_off("tumblr", _KEY),
        judge="beside",
    ),
)
