"""Vercel: legacy access tokens, tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, WORD, Rule, named, near, one_off, shown, token

_TOKEN = "vcp_" + made_up.alnum(56, "vercel-token")
_LEGACY_ACCESS_TOKEN = made_up.alnum(24, "vercel-legacy-access-token")

RULES = (
    Rule(
        id="vercel-token",
        description="Vercel token",
        patterns=(token("vc[aikpr]_", WORD, 56),),
        url="https://vercel.com/docs/rest-api",
        revoke="Delete the token in Vercel's settings, and make a new one.",
        examples=shown(_TOKEN),
        near_misses=(_TOKEN[:-1], "vcp_" + "x" * 56),
    ),
    Rule(
        id="vercel-legacy-access-token",
        description="Vercel legacy access token",
        patterns=(near("vercel", f"{ALNUM}{{24}}"),),
        url="https://vercel.com/docs/rest-api",
        revoke="Delete the legacy access token in Vercel's settings, and make a new one.",
        examples=named("vercel", _LEGACY_ACCESS_TOKEN),
        near_misses=one_off("vercel", _LEGACY_ACCESS_TOKEN),
        judge="beside",
    ),
)
