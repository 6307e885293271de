"""Help Scout: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "helpscout-api-key")

RULES = (
    Rule(
        id="helpscout-api-key",
        description="Help Scout API key",
        patterns=(near("help_?scout", f"{HEX}{{40}}"),),
        url="https://developer.helpscout.com/",
        revoke="Delete the API key in Help Scout's settings, and make a new one.",
        examples=named("helpscout", _KEY),
        near_misses=one_off("helpscout", _KEY),
        judge="beside",
    ),
)
