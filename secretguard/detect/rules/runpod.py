"""RunPod: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, Rule, shown, token

_KEY = "rpa_" + made_up.upper(42, "runpod-api-key")

RULES = (
    Rule(
        id="runpod-api-key",
        description="RunPod API key",
        patterns=(token("rpa_", UPPER, 42, 50),),
        url="https://docs.runpod.io/get-started/api-keys",
        revoke="Delete the API key in RunPod's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("rpa_" + made_up.upper(41, "short"), "rpa_" + "x" * 42),
    ),
)
