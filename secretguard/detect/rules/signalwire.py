"""SignalWire: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(50, "signalwire-api-token")

RULES = (
    Rule(
        id="signalwire-api-token",
        description="SignalWire API token",
        patterns=(near("signalwire", f"{WORD}{{50}}"),),
        url="https://developer.signalwire.com/",
        revoke="Delete the API token in SignalWire's settings, and make a new one.",
        examples=named("signalwire", _KEY),
        near_misses=one_off("signalwire", _KEY),
        judge="beside",
    ),
)
