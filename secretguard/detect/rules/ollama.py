"""Ollama: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "o") + "." + made_up.alnum(24, "ollama")

RULES = (
    Rule(
        id="ollama-api-key",
        description="Ollama API key",
        patterns=(near("ollama", r"[0-9a-f]{32}\.[A-Za-z0-9_-]{24}"),),
        url="https://docs.ollama.com/cloud",
        revoke="Delete the API key in Ollama's settings, and make a new one.",
        examples=named("ollama", _KEY),
        near_misses=one_off("ollama", _KEY),
        judge="beside",
    ),
)
