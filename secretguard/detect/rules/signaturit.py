"""Signaturit: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(86, "signaturit-access-token")

RULES = (
    Rule(
        id="signaturit-access-token",
        description="Signaturit access token",
        patterns=(near("signaturit", f"{ALNUM}{{86}}"),),
        url="https://docs.signaturit.com/",
        revoke="Delete the access token in Signaturit's settings, and make a new one.",
        examples=named("signaturit", _KEY),
        near_misses=one_off("signaturit", _KEY),
        judge="beside",
    ),
)
