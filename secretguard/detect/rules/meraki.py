"""Cisco Meraki: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "meraki-api-key")

RULES = (
    Rule(
        id="meraki-api-key",
        description="Cisco Meraki API key",
        patterns=(near("meraki", f"{HEX}{{40}}"),),
        url="https://developer.cisco.com/meraki/api-v1/authorization/",
        revoke="Delete the API key in Cisco Meraki's settings, and make a new one.",
        examples=named("meraki", _KEY),
        near_misses=one_off("meraki", _KEY),
        judge="beside",
    ),
)
