"""Agora: app certificates."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "agora-app-certificate")

RULES = (
    Rule(
        id="agora-app-certificate",
        description="Agora app certificate",
        patterns=(near("agora", f"{HEX}{{32}}"),),
        url="https://docs.agora.io/en/",
        revoke="Delete the app certificate in Agora's settings, and make a new one.",
        examples=named("agora", _KEY),
        near_misses=one_off("agora", _KEY),
        judge="beside",
    ),
)
