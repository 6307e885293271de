"""Hugging Face user and organisation tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

RULES = (
    Rule(
        id="huggingface-token",
        description="Hugging Face access token",
        patterns=(token("(?:hf_|api_org_)", "[A-Za-z]", 34),),
        url="https://huggingface.co/docs/hub/security-tokens",
        revoke="Invalidate the token in the account's access token settings.",
        examples=(*shown("hf_" + made_up.letters(34)), *shown("api_org_" + made_up.letters(34))[:1]),
        near_misses=("hf_" + made_up.letters(33), "hf_" + "x" * 34, "half_" + made_up.letters(34)),
    ),
)
