"""Intercom: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(59, "intercom-access-token")

RULES = (
    Rule(
        id="intercom-access-token",
        description="Intercom access token",
        patterns=(near("intercom", "[A-Za-z0-9+/]{59}"),),
        url="https://developers.intercom.com/docs/build-an-integration/learn-more/authentication",
        revoke="Delete the access token in Intercom's settings, and make a new one.",
        examples=named("intercom", _KEY),
        near_misses=one_off("intercom", _KEY),
        judge="beside",
    ),
)
