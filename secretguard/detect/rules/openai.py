"""OpenAI API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Pattern, Rule, shown, token

_LEGACY = "sk-" + made_up.alnum(20) + "T3BlbkFJ" + made_up.alnum(20, "b")
_PROJECT = "sk-proj-" + made_up.alnum(74) + "T3BlbkFJ" + made_up.alnum(74, "b")

RULES = (
    Rule(
        id="openai-api-key",
        description="OpenAI API key",
        patterns=(
            Pattern(
                r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))sk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}(?![A-Za-z0-9_-])",
                r"sk-[A-Za-z0-9_-]{20,110}T3BlbkFJ[A-Za-z0-9_-]{20}",
            ),
            token("sk-(?:proj|svcacct|admin)-", WORD, 32, 240),
        ),
        url="https://platform.openai.com/docs/api-reference/authentication",
        revoke="Delete the key on the API keys page; look at the usage page.",
        examples=(*shown(_LEGACY), *shown(_PROJECT)[:2], *shown("sk-svcacct-" + made_up.alnum(48))[:1]),
        near_misses=("sk-" + made_up.alnum(48), "sk-proj-" + made_up.alnum(20), "sk-proj-" + "x" * 48),
        peer_type="OpenAI Token",
    ),
)
