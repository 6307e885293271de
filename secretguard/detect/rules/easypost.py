"""EasyPost: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "EZAK" + made_up.alnum(54, "easypost-api-key")

RULES = (
    Rule(
        id="easypost-api-key",
        description="EasyPost API key",
        patterns=(token("EZ(?:AK|TK)", ALNUM, 54),),
        url="https://docs.easypost.com/docs/authentication",
        revoke="Delete the API key in EasyPost's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "EZAK" + "x" * 54),
    ),
)
