"""Imgur: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "imgur-client-secret")

RULES = (
    Rule(
        id="imgur-client-secret",
        description="Imgur client secret",
        patterns=(near("imgur", f"{HEX}{{40}}"),),
        url="https://apidocs.imgur.com/",
        revoke="Delete the client secret in Imgur's settings, and make a new one.",
        examples=named("imgur", _KEY),
        near_misses=one_off("imgur", _KEY),
        judge="beside",
    ),
)
