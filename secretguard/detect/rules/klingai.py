"""Kling AI: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "klingai-access-key")

RULES = (
    Rule(
        id="klingai-access-key",
        description="Kling AI access key",
        patterns=(near("kling", f"{ALNUM}{{32}}"),),
        url="https://app.klingai.com/global/dev/document-api/",
        revoke="Delete the access key in Kling AI's settings, and make a new one.",
        examples=named("kling", _KEY),
        near_misses=one_off("kling", _KEY),
        judge="beside",
    ),
)
