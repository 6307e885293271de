"""Hetzner Cloud: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "hetzner-api-token")

RULES = (
    Rule(
        id="hetzner-api-token",
        description="Hetzner Cloud API token",
        patterns=(near("(?:hetzner|hcloud)", f"{ALNUM}{{64}}"),),
        url="https://docs.hetzner.cloud/",
        revoke="Delete the API token in Hetzner Cloud's settings, and make a new one.",
        examples=named("hcloud", _KEY),
        near_misses=one_off("hcloud", _KEY),
        judge="beside",
    ),
)
