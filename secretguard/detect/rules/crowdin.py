"""Crowdin: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(80, "crowdin-personal-access-token")

RULES = (
    Rule(
        id="crowdin-personal-access-token",
        description="Crowdin personal access token",
        patterns=(near("crowdin", f"{HEX}{{80}}"),),
        url="https://support.crowdin.com/developer/api/",
        revoke="Delete the personal access token in Crowdin's settings, and make a new one.",
        examples=named("crowdin", _KEY),
        near_misses=one_off("crowdin", _KEY),
        judge="beside",
    ),
)
