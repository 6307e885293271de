"""Mergify: application keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "mergify_application_key_" + made_up.alnum(60, "mergify-application-key")

RULES = (
    Rule(
        id="mergify-application-key",
        description="Mergify application key",
        patterns=(token("mergify_application_key_", WORD, 60, 80),),
        url="https://docs.mergify.com/api/",
        revoke="Delete the application key in Mergify's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("mergify_application_key_" + made_up.alnum(59, "short"), "mergify_application_key_" + "x" * 60),
    ),
)
