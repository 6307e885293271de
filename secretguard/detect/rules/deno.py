"""Deno: account tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "ddp_" + made_up.alnum(36, "deno-account-token")

RULES = (
    Rule(
        id="deno-account-token",
        description="Deno account token",
        patterns=(token("dd[pwo]_", ALNUM, 36),),
        url="https://docs.deno.com/deploy/manual/",
        revoke="Delete the account token in Deno's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "ddp_" + "x" * 36),
    ),
)
