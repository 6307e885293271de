"""Eventbrite: private tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(20, "eventbrite-private-token")

RULES = (
    Rule(
        id="eventbrite-private-token",
        description="Eventbrite private token",
        patterns=(near("eventbrite", f"{UPPER}{{20}}"),),
        url="https://www.eventbrite.com/platform/docs/authentication",
        revoke="Delete the private token in Eventbrite's settings, and make a new one.",
        examples=named("eventbrite", _KEY),
        near_misses=one_off("eventbrite", _KEY),
        judge="beside",
    ),
)
