"""NVIDIA: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "nvapi-" + made_up.alnum(64, "nvidia-api-key")

RULES = (
    Rule(
        id="nvidia-api-key",
        description="NVIDIA API key",
        patterns=(token("nvapi-", WORD, 64),),
        url="https://docs.api.nvidia.com/",
        revoke="Delete the API key in NVIDIA's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "nvapi-" + "x" * 64),
    ),
)
