"""Inngest: signing keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "signkey-prod-" + made_up.hexadecimal(32, "inngest-signing-key")

RULES = (
    Rule(
        id="inngest-signing-key",
        description="Inngest signing key",
        patterns=(token("signkey-(?:prod|test|branch)-", HEX, 32, 64),),
        url="https://www.inngest.com/docs/platform/signing-keys",
        revoke="Delete the signing key in Inngest's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("signkey-prod-" + made_up.hexadecimal(31, "short"), "signkey-prod-" + "x" * 32),
    ),
)
