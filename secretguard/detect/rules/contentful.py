"""Contentful: delivery tokens, personal access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off, shown, token

_PERSONAL_ACCESS_TOKEN = "CFPAT-" + made_up.alnum(43, "contentful-personal-access-token")
_DELIVERY_TOKEN = made_up.alnum(43, "contentful-delivery-token")

RULES = (
    Rule(
        id="contentful-personal-access-token",
        description="Contentful personal access token",
        patterns=(token("CFPAT-", WORD, 43),),
        url="https://www.contentful.com/developers/docs/references/authentication/",
        revoke="Delete the personal access token in Contentful's settings, and make a new one.",
        examples=shown(_PERSONAL_ACCESS_TOKEN),
        near_misses=(_PERSONAL_ACCESS_TOKEN[:-1], "CFPAT-" + "x" * 43),
    ),
    Rule(
        id="contentful-delivery-token",
        description="Contentful delivery token",
        patterns=(near("contentful", f"{WORD}{{43}}"),),
        url="https://www.contentful.com/developers/docs/references/authentication/",
        revoke="Delete the delivery token in Contentful's settings, and make a new one.",
        examples=named("contentful", _DELIVERY_TOKEN),
        near_misses=one_off("contentful", _DELIVERY_TOKEN),
        judge="beside",
    ),
)
