"""Webflow: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "webflow-api-token")

RULES = (
    Rule(
        id="webflow-api-token",
        description="Webflow API token",
        patterns=(near("webflow", f"{HEX}{{64}}"),),
        url="https://developers.webflow.com/data/reference/authentication",
        revoke="Delete the API token in Webflow's settings, and make a new one.",
        examples=named("webflow", _KEY),
        near_misses=one_off("webflow", _KEY),
        judge="beside",
    ),
)
