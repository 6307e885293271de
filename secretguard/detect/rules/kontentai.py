"""Kontent.ai: project IDs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("kontentai-project-id")

RULES = (
    Rule(
        id="kontentai-project-id",
        description="Kontent.ai project ID",
        patterns=(near("kontent_?(?:ai|key|api|token)", UUID),),
        url="https://kontent.ai/learn/docs/apis",
        revoke="Delete the project ID in Kontent.ai's settings, and make a new one.",
        examples=named("kontent_key", _KEY),
        near_misses=one_off("kontent_key", _KEY),
        judge="beside",
    ),
)
