"""Samsara: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "samsara_api_" + made_up.alnum(28, "samsara-api-token")

RULES = (
    Rule(
        id="samsara-api-token",
        description="Samsara API token",
        patterns=(token("samsara_api_", ALNUM, 28, 40),),
        url="https://developers.samsara.com/docs/authentication",
        revoke="Delete the API token in Samsara's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("samsara_api_" + made_up.alnum(27, "short"), "samsara_api_" + "x" * 28),
    ),
)
