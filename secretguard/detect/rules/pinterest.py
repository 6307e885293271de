"""Pinterest: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "pina_" + made_up.alnum(32, "pinterest-access-token")

RULES = (
    Rule(
        id="pinterest-access-token",
        description="Pinterest access token",
        patterns=(token("pin[ar]_", ALNUM, 32, 100),),
        url="https://developers.pinterest.com/docs/getting-started/authentication-and-scopes/",
        revoke="Delete the access token in Pinterest's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("pina_" + made_up.alnum(31, "short"), "pina_" + "x" * 32),
    ),
)
