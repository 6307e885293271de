"""NuGet: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_KEY = "oy2" + made_up.lower(43, "nuget-api-key")

RULES = (
    Rule(
        id="nuget-api-key",
        description="NuGet API key",
        patterns=(token("oy2", LOWER, 43),),
        url="https://learn.microsoft.com/en-us/nuget/nuget-org/publish-a-package",
        revoke="Delete the API key in NuGet's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "oy2" + "x" * 43),
    ),
)
