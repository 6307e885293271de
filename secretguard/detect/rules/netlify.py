"""Netlify: access tokens, legacy access tokens, old access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, HEX, WORD, Rule, named, near, one_off, shown, token

_ACCESS_TOKEN = "nfp_" + made_up.alnum(36, "netlify-access-token")
_LEGACY_ACCESS_TOKEN = made_up.alnum(43, "netlify-legacy-access-token")
_OLD_ACCESS_TOKEN = made_up.hexadecimal(64, "netlify-old-access-token")

RULES = (
    Rule(
        id="netlify-access-token",
        description="Netlify access token",
        patterns=(token("nf[pcoub]_", ALNUM, 36),),
        url="https://docs.netlify.com/api/get-started/#authentication",
        revoke="Delete the access token in Netlify's settings, and make a new one.",
        examples=shown(_ACCESS_TOKEN),
        near_misses=(_ACCESS_TOKEN[:-1], "nfp_" + "x" * 36),
    ),
    Rule(
        id="netlify-legacy-access-token",
        description="Netlify legacy access token",
        patterns=(near("netlify", f"{WORD}{{43}}"),),
        url="https://docs.netlify.com/api/get-started/#authentication",
        revoke="Delete the legacy access token in Netlify's settings, and make a new one.",
        examples=named("netlify", _LEGACY_ACCESS_TOKEN),
        near_misses=one_off("netlify", _LEGACY_ACCESS_TOKEN),
        judge="beside",
    ),
    Rule(
        id="netlify-old-access-token",
        description="Netlify old access token",
        patterns=(near("netlify", f"{HEX}{{64}}"),),
        url="https://docs.netlify.com/api/get-started/#authentication",
        revoke="Delete the old access token in Netlify's settings, and make a new one.",
        examples=named("netlify", _OLD_ACCESS_TOKEN),
        near_misses=one_off("netlify", _OLD_ACCESS_TOKEN),
        judge="beside",
    ),
)
