"""Telnyx: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "KEY" + made_up.hexadecimal(32, "q").upper() + "_" + made_up.alnum(22, "telnyx-api-key")

RULES = (
    Rule(
        id="telnyx-api-key",
        description="Telnyx API key",
        patterns=(token("KEY[0-9A-F]{32}_", ALNUM, 22),),
        url="https://developers.telnyx.com/docs/development/api-keys",
        revoke="Delete the API key in Telnyx's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "KEY" + made_up.hexadecimal(32, "q").upper() + "_" + "x" * 22),
    ),
)
