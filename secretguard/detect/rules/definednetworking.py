"""Defined Networking: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "dnkey-" + made_up.upper(26, "q") + "-" + made_up.upper(52, "definednetworking-api-key")

RULES = (
    Rule(
        id="definednetworking-api-key",
        description="Defined Networking API key",
        patterns=(token("dnkey-[A-Z0-9]{26}-", UPPER, 52),),
        url="https://docs.defined.net/api/authentication",
        revoke="Delete the API key in Defined Networking's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dnkey-" + made_up.upper(26, "q") + "-" + "x" * 52),
    ),
)
