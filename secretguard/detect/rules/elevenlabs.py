"""ElevenLabs: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "sk_" + made_up.hexadecimal(48, "elevenlabs-api-key")

RULES = (
    Rule(
        id="elevenlabs-api-key",
        description="ElevenLabs API key",
        patterns=(token("sk_", HEX, 48),),
        url="https://elevenlabs.io/docs/api-reference/authentication",
        revoke="Delete the API key in ElevenLabs's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sk_" + "x" * 48),
    ),
)
