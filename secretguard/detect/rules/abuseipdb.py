"""AbuseIPDB: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(80, "abuseipdb-api-key")

RULES = (
    Rule(
        id="abuseipdb-api-key",
        description="AbuseIPDB API key",
        patterns=(near("abuseipdb", f"{HEX}{{80}}"),),
        url="https://docs.abuseipdb.com/",
        revoke="Delete the API key in AbuseIPDB's settings, and make a new one.",
        examples=named("abuseipdb", _KEY),
        near_misses=one_off("abuseipdb", _KEY),
        judge="beside",
    ),
)
