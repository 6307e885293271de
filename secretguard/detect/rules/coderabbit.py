"""CodeRabbit: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "cr-" + made_up.hexadecimal(58, "coderabbit-api-key")

RULES = (
    Rule(
        id="coderabbit-api-key",
        description="CodeRabbit API key",
        patterns=(token("cr-", HEX, 58),),
        url="https://docs.coderabbit.ai/",
        revoke="Delete the API key in CodeRabbit's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "cr-" + "x" * 58),
    ),
)
