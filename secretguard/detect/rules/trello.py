"""Trello: API keys, API tokens, access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off, shown, token

_API_TOKEN = made_up.hexadecimal(64, "trello-api-token")
_API_KEY = made_up.hexadecimal(32, "trello-api-key")
_ACCESS_TOKEN = "ATTA" + made_up.hexadecimal(72, "trello-access-token")

RULES = (
    Rule(
        id="trello-api-token",
        description="Trello API token",
        patterns=(near("trello", f"{HEX}{{64}}"),),
        url="https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
        revoke="Delete the API token in Trello's settings, and make a new one.",
        examples=named("trello", _API_TOKEN),
        near_misses=one_off("trello", _API_TOKEN),
        judge="beside",
    ),
    Rule(
        id="trello-api-key",
        description="Trello API key",
        patterns=(near("trello", f"{HEX}{{32}}"),),
        url="https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
        revoke="Delete the API key in Trello's settings, and make a new one.",
        examples=named("trello", _API_KEY),
        near_misses=one_off("trello", _API_KEY),
        judge="beside",
    ),
    Rule(
        id="trello-access-token",
        description="Trello access token",
        patterns=(token("ATTA", HEX, 72),),
        url="https://developer.atlassian.com/cloud/trello/guides/rest-api/authorization/",
        revoke="Delete the access token in Trello's settings, and make a new one.",
        examples=shown(_ACCESS_TOKEN),
        near_misses=(_ACCESS_TOKEN[:-1], "ATTA" + "x" * 72),
    ),
)
