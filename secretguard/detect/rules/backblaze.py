"""Backblaze B2: application keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(31, "backblaze-application-key")

RULES = (
    Rule(
        id="backblaze-application-key",
        description="Backblaze B2 application key",
        patterns=(near("(?:backblaze|b2_(?:application|account|key|app))", "[A-Za-z0-9+/]{31}"),),
        url="https://www.backblaze.com/docs/cloud-storage-application-keys",
        revoke="Delete the application key in Backblaze B2's settings, and make a new one.",
        examples=named("backblaze", _KEY),
        near_misses=one_off("backblaze", _KEY),
        judge="beside",
    ),
)
