"""Fingerprint: secret API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(20, "fingerprintjs-secret-api-key")

RULES = (
    Rule(
        id="fingerprintjs-secret-api-key",
        description="Fingerprint secret API key",
        patterns=(near("fingerprint_?(?:js|pro)", f"{ALNUM}{{20}}"),),
        url="https://dev.fingerprint.com/reference/server-api",
        revoke="Delete the secret API key in Fingerprint's settings, and make a new one.",
        examples=named("fingerprintjs", _KEY),
        near_misses=one_off("fingerprintjs", _KEY),
        judge="beside",
    ),
)
