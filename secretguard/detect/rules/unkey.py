"""Unkey: root keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "unkey_" + made_up.alnum(22, "unkey-root-key")

RULES = (
    Rule(
        id="unkey-root-key",
        description="Unkey root key",
        patterns=(token("unkey_", ALNUM, 22, 40),),
        url="https://www.unkey.com/docs/security/root-keys",
        revoke="Delete the root key in Unkey's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("unkey_" + made_up.alnum(21, "short"), "unkey_" + "x" * 22),
    ),
)
