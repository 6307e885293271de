"""Geoapify: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "geoapify-api-key")

RULES = (
    Rule(
        id="geoapify-api-key",
        description="Geoapify API key",
        patterns=(near("geoapify", f"{HEX}{{32}}"),),
        url="https://apidocs.geoapify.com/",
        revoke="Delete the API key in Geoapify's settings, and make a new one.",
        examples=named("geoapify", _KEY),
        near_misses=one_off("geoapify", _KEY),
        judge="beside",
    ),
)
