"""YNAB: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(43, "youneedabudget-access-token")

RULES = (
    Rule(
        id="youneedabudget-access-token",
        description="YNAB access token",
        patterns=(near("(?:youneedabudget|ynab)", f"{WORD}{{43}}"),),
        url="https://api.ynab.com/",
        revoke="Delete the access token in YNAB's settings, and make a new one.",
        examples=named("ynab", _KEY),
        near_misses=one_off("ynab", _KEY),
        judge="beside",
    ),
)
