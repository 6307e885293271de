"""Foursquare: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, named, near, one_off

_KEY = made_up.upper(48, "foursquare-client-secret")

RULES = (
    Rule(
        id="foursquare-client-secret",
        description="Foursquare client secret",
        patterns=(near("foursquare", f"{UPPER}{{48}}"),),
        url="https://docs.foursquare.com/developer/reference/authentication",
        revoke="Delete the client secret in Foursquare's settings, and make a new one.",
        examples=named("foursquare", _KEY),
        near_misses=one_off("foursquare", _KEY),
        judge="beside",
    ),
)
