"""Veracode: API secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(128, "veracode-api-secret-key")

RULES = (
    Rule(
        id="veracode-api-secret-key",
        description="Veracode API secret key",
        patterns=(near("veracode", f"{HEX}{{128}}"),),
        url="https://docs.veracode.com/r/c_api_credentials3",
        revoke="Delete the API secret key in Veracode's settings, and make a new one.",
        examples=named("veracode", _KEY),
        near_misses=one_off("veracode", _KEY),
        judge="beside",
    ),
)
