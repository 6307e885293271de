"""Exoscale: API keys, API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, WORD, Rule, named, near, one_off, shown, token

_API_KEY = "EXO" + made_up.hexadecimal(24, "exoscale-api-key")
_API_SECRET = made_up.alnum(43, "exoscale-api-secret")

RULES = (
    Rule(
        id="exoscale-api-key",
        description="Exoscale API key",
        patterns=(token("EXO", HEX, 24, 26),),
        url="https://community.exoscale.com/platform/credentials/",
        revoke="Delete the API key in Exoscale's settings, and make a new one.",
        examples=shown(_API_KEY),
        near_misses=("EXO" + made_up.hexadecimal(23, "short"), "EXO" + "x" * 24),
        judge="random",
    ),
    Rule(
        id="exoscale-api-secret",
        description="Exoscale API secret",
        patterns=(near("exoscale", f"{WORD}{{43}}"),),
        url="https://community.exoscale.com/platform/credentials/",
        revoke="Delete the API secret in Exoscale's settings, and make a new one.",
        examples=named("exoscale", _API_SECRET),
        near_misses=one_off("exoscale", _API_SECRET),
        judge="beside",
    ),
)
