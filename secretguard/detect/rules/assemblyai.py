"""AssemblyAI: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "assemblyai-api-key")

RULES = (
    Rule(
        id="assemblyai-api-key",
        description="AssemblyAI API key",
        patterns=(near("assembly_?ai", f"{ALNUM}{{32}}"),),
        url="https://www.assemblyai.com/docs/getting-started",
        revoke="Delete the API key in AssemblyAI's settings, and make a new one.",
        examples=named("assemblyai", _KEY),
        near_misses=one_off("assemblyai", _KEY),
        judge="beside",
    ),
)
