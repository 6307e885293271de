"""OpenRouter API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "sk-or-v1-" + made_up.hexadecimal(64)

RULES = (
    Rule(
        id="openrouter-api-key",
        description="OpenRouter API key",
        patterns=(token("sk-or-v1-", HEX, 64),),
        url="https://openrouter.ai/docs/api-reference/authentication",
        revoke="Delete the key in the account's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sk-or-v2-" + made_up.hexadecimal(64)),
    ),
)
