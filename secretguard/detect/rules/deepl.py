"""DeepL: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(39, "deepl-api-key")

RULES = (
    Rule(
        id="deepl-api-key",
        description="DeepL API key",
        patterns=(near("deepl", f"{WORD}{{39}}"),),
        url="https://developers.deepl.com/docs/getting-started/auth",
        revoke="Delete the API key in DeepL's settings, and make a new one.",
        examples=named("deepl", _KEY),
        near_misses=one_off("deepl", _KEY),
        judge="beside",
    ),
)
