"""Anthropic API, admin and OAuth keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

RULES = (
    Rule(
        id="anthropic-api-key",
        description="Anthropic API key",
        patterns=(token("sk-ant-(?:api|admin|oat|ort|sid)[0-9]{2}-", WORD, 80, 128),),
        url="https://docs.anthropic.com/en/api/admin-api/apikeys/get-api-key",
        revoke="Disable or delete the key in the console; for OAuth tokens sign the client out.",
        examples=(
            *shown("sk-ant-api03-" + made_up.alnum(93) + "AA"),
            *shown("sk-ant-oat01-" + made_up.alnum(86))[:1],
            *shown("sk-ant-admin01-" + made_up.alnum(93))[:1],
        ),
        near_misses=(
            "sk-ant-api03-" + made_up.alnum(60),
            "sk-ant-api03-" + "x" * 93,
            "sk-ant-xyz03-" + made_up.alnum(93),
        ),
    ),
)
