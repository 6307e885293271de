"""Blynk: device tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(32, "blynk-device-token")

RULES = (
    Rule(
        id="blynk-device-token",
        description="Blynk device token",
        patterns=(near("blynk", f"{WORD}{{32}}"),),
        url="https://docs.blynk.io/en/blynk.cloud/authentication",
        revoke="Delete the device token in Blynk's settings, and make a new one.",
        examples=named("blynk", _KEY),
        near_misses=one_off("blynk", _KEY),
        judge="beside",
    ),
)
