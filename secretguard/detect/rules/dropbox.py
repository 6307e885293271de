"""Dropbox: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sl." + made_up.alnum(130, "dropbox-access-token")

RULES = (
    Rule(
        id="dropbox-access-token",
        description="Dropbox access token",
        patterns=(token(r"sl\.(?:u\.)?", WORD, 130, 2000),),
        url="https://developers.dropbox.com/oauth-guide",
        revoke="Delete the access token in Dropbox's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sl." + made_up.alnum(129, "short"), "sl." + "x" * 130),
    ),
)
