"""Airtable: API keys, personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, Rule, named, near, one_off, shown, token

_PERSONAL_ACCESS_TOKEN = (
    "pat" + made_up.alnum(14, "p") + "." + made_up.hexadecimal(64, "airtable-personal-access-token")
)
_API_KEY = made_up.alnum(17, "airtable-api-key")

RULES = (
    Rule(
        id="airtable-personal-access-token",
        description="Airtable personal access token",
        patterns=(token(r"pat[A-Za-z0-9]{14}\.", HEX, 64),),
        url="https://airtable.com/developers/web/guides/personal-access-tokens",
        revoke="Delete the personal access token in Airtable's settings, and make a new one.",
        examples=shown(_PERSONAL_ACCESS_TOKEN),
        near_misses=(_PERSONAL_ACCESS_TOKEN[:-1], "pat" + made_up.alnum(14, "p") + "." + "x" * 64),
    ),
    Rule(
        id="airtable-api-key",
        description="Airtable API key",
        patterns=(near("airtable", f"{ALNUM}{{17}}"),),
        url="https://airtable.com/developers/web/api/authentication",
        revoke="Delete the API key in Airtable's settings, and make a new one.",
        examples=named("airtable", _API_KEY),
        near_misses=one_off("airtable", _API_KEY),
        judge="beside",
    ),
)
