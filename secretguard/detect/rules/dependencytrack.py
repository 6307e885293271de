"""Dependency-Track: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "odt_" + made_up.alnum(32, "dependency-track-api-key")

RULES = (
    Rule(
        id="dependency-track-api-key",
        description="Dependency-Track API key",
        patterns=(token("odt_", ALNUM, 32, 60),),
        url="https://docs.dependencytrack.org/integrations/rest-api/",
        revoke="Delete the API key in Dependency-Track's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("odt_" + made_up.alnum(31, "short"), "odt_" + "x" * 32),
    ),
)
