"""VirusTotal: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "virustotal-api-key")

RULES = (
    Rule(
        id="virustotal-api-key",
        description="VirusTotal API key",
        patterns=(near("virus_?total", f"{HEX}{{64}}"),),
        url="https://docs.virustotal.com/docs/please-give-me-an-api-key",
        revoke="Delete the API key in VirusTotal's settings, and make a new one.",
        examples=named("virustotal", _KEY),
        near_misses=one_off("virustotal", _KEY),
        judge="beside",
    ),
)
