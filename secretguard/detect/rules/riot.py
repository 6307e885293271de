"""Riot Games: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "RGAPI-" + made_up.uuid("riot-api-key")

RULES = (
    Rule(
        id="riot-api-key",
        description="Riot Games API key",
        patterns=(prefixed("RGAPI-", UUID),),
        url="https://developer.riotgames.com/docs/portal",
        revoke="Delete the API key in Riot Games's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
