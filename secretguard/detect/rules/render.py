"""Render: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "rnd_" + made_up.alnum(28, "render-api-key")

RULES = (
    Rule(
        id="render-api-key",
        description="Render API key",
        patterns=(token("rnd_", ALNUM, 28, 60),),
        url="https://api-docs.render.com/reference/authentication",
        revoke="Delete the API key in Render's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("rnd_" + made_up.alnum(27, "short"), "rnd_" + "x" * 28),
    ),
)
