"""Honeycomb: API keys, classic API keys, ingest keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, LOWER, Rule, named, near, one_off, shown, token

_API_KEY = made_up.alnum(22, "honeycomb-api-key0")
_CLASSIC_API_KEY = made_up.hexadecimal(32, "honeycomb-classic-api-key")
_INGEST_KEY = "hcaik_" + made_up.lower(58, "honeycomb-ingest-key")

RULES = (
    Rule(
        id="honeycomb-api-key",
        description="Honeycomb API key",
        patterns=(near("honeycomb", f"{ALNUM}{{22}}"),),
        url="https://docs.honeycomb.io/configure/environments/manage-api-keys/",
        revoke="Delete the API key in Honeycomb's settings, and make a new one.",
        examples=named("honeycomb", _API_KEY),
        near_misses=one_off("honeycomb", _API_KEY),
        judge="beside",
    ),
    Rule(
        id="honeycomb-classic-api-key",
        description="Honeycomb classic API key",
        patterns=(near("honeycomb", f"{HEX}{{32}}"),),
        url="https://docs.honeycomb.io/configure/environments/manage-api-keys/",
        revoke="Delete the classic API key in Honeycomb's settings, and make a new one.",
        examples=named("honeycomb", _CLASSIC_API_KEY),
        near_misses=one_off("honeycomb", _CLASSIC_API_KEY),
        judge="beside",
    ),
    Rule(
        id="honeycomb-ingest-key",
        description="Honeycomb ingest key",
        patterns=(token("hc[abcd]ik_", LOWER, 58),),
        url="https://docs.honeycomb.io/configure/environments/manage-api-keys/",
        revoke="Delete the ingest key in Honeycomb's settings, and make a new one.",
        examples=shown(_INGEST_KEY),
        near_misses=(_INGEST_KEY[:-1], "hcaik_" + "x" * 58),
    ),
)
