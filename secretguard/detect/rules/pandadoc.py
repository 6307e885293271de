"""PandaDoc: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "pandadoc-api-key")

RULES = (
    Rule(
        id="pandadoc-api-key",
        description="PandaDoc API key",
        patterns=(near("pandadoc", f"{ALNUM}{{40}}"),),
        url="https://developers.pandadoc.com/reference/api-key-authentication-process",
        revoke="Delete the API key in PandaDoc's settings, and make a new one.",
        examples=named("pandadoc", _KEY),
        near_misses=one_off("pandadoc", _KEY),
        judge="beside",
    ),
)
