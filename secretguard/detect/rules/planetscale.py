"""PlanetScale: service tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "pscale_tkn_" + made_up.alnum(32, "planetscale-service-token")

RULES = (
    Rule(
        id="planetscale-service-token",
        description="PlanetScale service token",
        patterns=(token("pscale_(?:tkn|oauth|pw)_", WORD, 32, 64),),
        url="https://planetscale.com/docs/concepts/service-tokens",
        revoke="Delete the service token in PlanetScale's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("pscale_tkn_" + made_up.alnum(31, "short"), "pscale_tkn_" + "x" * 32),
    ),
)
