"""Val Town: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "vtwn_" + made_up.alnum(27, "valtown-api-token")

RULES = (
    Rule(
        id="valtown-api-token",
        description="Val Town API token",
        patterns=(token("vtwn_", WORD, 27, 40),),
        url="https://docs.val.town/api/authentication/",
        revoke="Delete the API token in Val Town's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("vtwn_" + made_up.alnum(26, "short"), "vtwn_" + "x" * 27),
    ),
)
