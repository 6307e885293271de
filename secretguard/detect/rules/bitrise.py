"""Bitrise: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(86, "bitrise-access-token")

RULES = (
    Rule(
        id="bitrise-access-token",
        description="Bitrise access token",
        patterns=(near("bitrise", f"{WORD}{{86}}"),),
        url="https://docs.bitrise.io/en/bitrise-ci/api/authenticating-with-the-bitrise-api.html",
        revoke="Delete the access token in Bitrise's settings, and make a new one.",
        examples=named("bitrise", _KEY),
        near_misses=one_off("bitrise", _KEY),
        judge="beside",
    ),
)
