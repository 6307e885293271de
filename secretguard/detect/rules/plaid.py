"""Plaid: secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(30, "plaid-secret")

RULES = (
    Rule(
        id="plaid-secret",
        description="Plaid secret",
        patterns=(near("plaid", f"{HEX}{{30}}"),),
        url="https://plaid.com/docs/quickstart/glossary/#secret",
        revoke="Delete the secret in Plaid's settings, and make a new one.",
        examples=named("plaid", _KEY),
        near_misses=one_off("plaid", _KEY),
        judge="beside",
    ),
)
