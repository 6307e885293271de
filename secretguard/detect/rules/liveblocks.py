"""Liveblocks: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sk_prod_" + made_up.alnum(56, "liveblocks-secret-key")

RULES = (
    Rule(
        id="liveblocks-secret-key",
        description="Liveblocks secret key",
        patterns=(token("sk_(?:prod|dev)_", WORD, 56, 80),),
        url="https://liveblocks.io/docs/authentication",
        revoke="Delete the secret key in Liveblocks's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sk_prod_" + made_up.alnum(55, "short"), "sk_prod_" + "x" * 56),
    ),
)
