"""GitGuardian: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(70, "gitguardian-api-key")

RULES = (
    Rule(
        id="gitguardian-api-key",
        description="GitGuardian API key",
        patterns=(near("gitguardian", f"{HEX}{{70}}"),),
        url="https://docs.gitguardian.com/api-docs/authentication",
        revoke="Delete the API key in GitGuardian's settings, and make a new one.",
        examples=named("gitguardian", _KEY),
        near_misses=one_off("gitguardian", _KEY),
        judge="beside",
    ),
)
