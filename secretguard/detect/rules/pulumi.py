"""Pulumi access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "pul-" + made_up.hexadecimal(40)

RULES = (
    Rule(
        id="pulumi-token",
        description="Pulumi access token",
        patterns=(token("pul-", HEX, 40),),
        url="https://www.pulumi.com/docs/pulumi-cloud/access-management/access-tokens/",
        revoke="Delete the token in the Pulumi console.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "pul-" + "0" * 40),
    ),
)
