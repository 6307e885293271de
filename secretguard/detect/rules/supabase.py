"""Supabase access and secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, WORD, Rule, shown, token

_KEY = "sbp_" + made_up.hexadecimal(40)

RULES = (
    Rule(
        id="supabase-key",
        description="Supabase secret key",
        patterns=(
            token("sbp_(?:oauth_)?", HEX, 40),
            token("sb_secret_", WORD, 31),
        ),
        url="https://supabase.com/docs/guides/api/api-keys",
        revoke="Delete the key in the project's or account's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sb_publishable_" + made_up.alnum(31)),
    ),
)
