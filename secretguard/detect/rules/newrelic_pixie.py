"""New Relic Pixie: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "px-api-" + made_up.uuid("pixie-api-key")

RULES = (
    Rule(
        id="pixie-api-key",
        description="New Relic Pixie API key",
        patterns=(prefixed("px-(?:api|dep)-", UUID),),
        url="https://docs.px.dev/reference/admin/api-keys/",
        revoke="Delete the API key in New Relic Pixie's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
