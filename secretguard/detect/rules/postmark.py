"""Postmark: server tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("postmark-server-token")

RULES = (
    Rule(
        id="postmark-server-token",
        description="Postmark server token",
        patterns=(near("postmark", UUID),),
        url="https://postmarkapp.com/developer/api/overview",
        revoke="Delete the server token in Postmark's settings, and make a new one.",
        examples=named("postmark", _KEY),
        near_misses=one_off("postmark", _KEY),
        judge="beside",
    ),
)
