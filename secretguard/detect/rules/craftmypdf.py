"""CraftMyPDF: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(35, "craftmypdf-api-key")

RULES = (
    Rule(
        id="craftmypdf-api-key",
        description="CraftMyPDF API key",
        patterns=(near("craftmypdf", f"{LOWER}{{35}}"),),
        url="https://craftmypdf.com/docs/",
        revoke="Delete the API key in CraftMyPDF's settings, and make a new one.",
        examples=named("craftmypdf", _KEY),
        near_misses=one_off("craftmypdf", _KEY),
        judge="beside",
    ),
)
