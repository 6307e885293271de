"""Pastebin: API developer keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(32, "pastebin-api-developer-key")

RULES = (
    Rule(
        id="pastebin-api-developer-key",
        description="Pastebin API developer key",
        patterns=(near("pastebin", f"{WORD}{{32}}"),),
        url="https://pastebin.com/doc_api",
        revoke="Delete the API developer key in Pastebin's settings, and make a new one.",
        examples=named("pastebin", _KEY),
        near_misses=one_off("pastebin", _KEY),
        judge="beside",
    ),
)
