"""Sumo Logic: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "sumologic-access-key")

RULES = (
    Rule(
        id="sumologic-access-key",
        description="Sumo Logic access key",
        patterns=(near("sumo", f"{ALNUM}{{64}}"),),
        url="https://help.sumologic.com/docs/manage/security/access-keys/",
        revoke="Delete the access key in Sumo Logic's settings, and make a new one.",
        examples=named("sumo", _KEY),
        near_misses=one_off("sumo", _KEY),
        judge="beside",
    ),
)
