"""imgix: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "ak_" + made_up.hexadecimal(64, "imgix-api-key")

RULES = (
    Rule(
        id="imgix-api-key",
        description="imgix API key",
        patterns=(token("ak_", HEX, 64),),
        url="https://docs.imgix.com/apis/management",
        revoke="Delete the API key in imgix's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ak_" + "x" * 64),
    ),
)
