"""DeepSeek: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "sk-" + made_up.hexadecimal(32, "deepseek-api-key")

RULES = (
    Rule(
        id="deepseek-api-key",
        description="DeepSeek API key",
        patterns=(token("sk-", HEX, 32),),
        url="https://api-docs.deepseek.com/",
        revoke="Delete the API key in DeepSeek's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sk-" + "x" * 32),
        judge="random",
    ),
)
