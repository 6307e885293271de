"""Pipedrive: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "pipedrive-api-token")

RULES = (
    Rule(
        id="pipedrive-api-token",
        description="Pipedrive API token",
        patterns=(near("pipedrive", f"{HEX}{{40}}"),),
        url="https://developers.pipedrive.com/docs/api/v1",
        revoke="Delete the API token in Pipedrive's settings, and make a new one.",
        examples=named("pipedrive", _KEY),
        near_misses=one_off("pipedrive", _KEY),
        judge="beside",
    ),
)
