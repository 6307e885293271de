"""Plaid: access tokens, secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, UUID, Rule, named, near, one_off, prefixed, shown

_EXAMPLE_1 = made_up.hexadecimal(30, "plaid-secret")
_EXAMPLE_2 = "access-production-" + made_up.uuid("plaid-access-token")

RULES = (
    Rule(
        id="plaid-secret",
        description="Plaid secret",
        patterns=(near("plaid", f"{HEX}{{30}}"),),
        url="https://plaid.com/docs/quickstart/glossary/#secret",
        revoke="Delete the secret in Plaid's settings, and make a new one.",
        examples=named("plaid", _EXAMPLE_1),
        near_misses=one_off("plaid", _EXAMPLE_1),
        judge="beside",
    ),
    Rule(
        id="plaid-access-token",
        description="Plaid access token",
        patterns=(prefixed("access-(?:sandbox|development|production)-", UUID),),
        url="https://plaid.com/docs/api/accounts/",
        revoke="Delete the access token in Plaid's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], _EXAMPLE_2 + "0"),
    ),
)
