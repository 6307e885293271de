"""SecurityTrails: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "securitytrails-api-key")

RULES = (
    Rule(
        id="securitytrails-api-key",
        description="SecurityTrails API key",
        patterns=(near("security_?trails", f"{ALNUM}{{32}}"),),
        url="https://docs.securitytrails.com/docs/overview",
        revoke="Delete the API key in SecurityTrails's settings, and make a new one.",
        examples=named("securitytrails", _KEY),
        near_misses=one_off("securitytrails", _KEY),
        judge="beside",
    ),
)
