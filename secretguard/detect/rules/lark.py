"""Lark: app secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "lark-app-secret")

RULES = (
    Rule(
        id="lark-app-secret",
        description="Lark app secret",
        patterns=(near("(?:lark|feishu)", f"{ALNUM}{{32}}"),),
        url="https://open.larksuite.com/document/",
        revoke="Delete the app secret in Lark's settings, and make a new one.",
        examples=named("lark", _KEY),
        near_misses=one_off("lark", _KEY),
        judge="beside",
    ),
)
