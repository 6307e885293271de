"""Figma: personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "figd_" + made_up.alnum(40, "figma-personal-access-token")

RULES = (
    Rule(
        id="figma-personal-access-token",
        description="Figma personal access token",
        patterns=(token("fig[dou]h?_", WORD, 40, 44),),
        url="https://www.figma.com/developers/api#access-tokens",
        revoke="Delete the personal access token in Figma's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("figd_" + made_up.alnum(39, "short"), "figd_" + "x" * 40),
    ),
)
