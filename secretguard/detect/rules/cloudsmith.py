"""Cloudsmith: API keys, legacy API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, Rule, named, near, one_off, shown, token

_API_KEY = "csa_" + made_up.alnum(36, "cloudsmith-api-key")
_LEGACY_API_KEY = made_up.hexadecimal(40, "cloudsmith-legacy-api-key")

RULES = (
    Rule(
        id="cloudsmith-api-key",
        description="Cloudsmith API key",
        patterns=(token("csa_", ALNUM, 36, 40),),
        url="https://docs.cloudsmith.com/accounts-and-teams/api-key",
        revoke="Delete the API key in Cloudsmith's settings, and make a new one.",
        examples=shown(_API_KEY),
        near_misses=("csa_" + made_up.alnum(35, "short"), "csa_" + "x" * 36),
    ),
    Rule(
        id="cloudsmith-legacy-api-key",
        description="Cloudsmith legacy API key",
        patterns=(near("cloudsmith", f"{HEX}{{40}}"),),
        url="https://docs.cloudsmith.com/accounts-and-teams/api-key",
        revoke="Delete the legacy API key in Cloudsmith's settings, and make a new one.",
        examples=named("cloudsmith", _LEGACY_API_KEY),
        near_misses=one_off("cloudsmith", _LEGACY_API_KEY),
        judge="beside",
    ),
)
