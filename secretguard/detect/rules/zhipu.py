"""Z.ai: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "" + made_up.hexadecimal(32, "q") + "." + made_up.alnum(16, "zai-api-key")

RULES = (
    Rule(
        id="zai-api-key",
        description="Z.ai API key",
        patterns=(token(r"[0-9a-f]{32}\.", ALNUM, 16),),
        url="https://docs.z.ai/guides/overview/quick-start",
        revoke="Delete the API key in Z.ai's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "" + made_up.hexadecimal(32, "q") + "." + "x" * 16),
    ),
)
