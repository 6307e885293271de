"""Particle: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "particle-access-token")

RULES = (
    Rule(
        id="particle-access-token",
        description="Particle access token",
        patterns=(near(r"particle\.io", f"{HEX}{{40}}"),),
        url="https://docs.particle.io/reference/cloud-apis/access-tokens/",
        revoke="Delete the access token in Particle's settings, and make a new one.",
        examples=named("particle.io", _KEY),
        near_misses=one_off("particle.io", _KEY),
        judge="beside",
    ),
)
