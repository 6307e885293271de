"""Clojars: deploy tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "CLOJARS_" + made_up.lower(60, "clojars-deploy-token")

RULES = (
    Rule(
        id="clojars-deploy-token",
        description="Clojars deploy token",
        patterns=(token("CLOJARS_", LOWER, 60),),
        url="https://github.com/clojars/clojars-web/wiki/Deploy-Tokens",
        revoke="Delete the deploy token in Clojars's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "CLOJARS_" + "x" * 60),
    ),
)
