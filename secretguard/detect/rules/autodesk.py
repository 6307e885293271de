"""Autodesk: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(48, "autodesk-client-secret")

RULES = (
    Rule(
        id="autodesk-client-secret",
        description="Autodesk client secret",
        patterns=(near("(?:autodesk|aps_client|forge_client)", f"{ALNUM}{{48}}"),),
        url="https://aps.autodesk.com/en/docs/oauth/v2/",
        revoke="Delete the client secret in Autodesk's settings, and make a new one.",
        examples=named("autodesk", _KEY),
        near_misses=one_off("autodesk", _KEY),
        judge="beside",
    ),
)
