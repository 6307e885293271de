"""Helicone: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "sk-helicone-zj6u3wy-6cgw2ky-4xbqd4a-" + made_up.lower(7, "helicone-api-key")

RULES = (
    Rule(
        id="helicone-api-key",
        description="Helicone API key",
        patterns=(token("(?:sk|pk)-helicone(?:-eu)?-[a-z0-9]{7}-[a-z0-9]{7}-[a-z0-9]{7}-", LOWER, 7),),
        url="https://docs.helicone.ai/helicone-headers/helicone-auth",
        revoke="Delete the API key in Helicone's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
