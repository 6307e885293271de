"""Linode: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "linode-access-token")

RULES = (
    Rule(
        id="linode-access-token",
        description="Linode access token",
        patterns=(near("linode", f"{HEX}{{64}}"),),
        url="https://techdocs.akamai.com/linode-api/reference/get-started",
        revoke="Delete the access token in Linode's settings, and make a new one.",
        examples=named("linode", _KEY),
        near_misses=one_off("linode", _KEY),
        judge="beside",
    ),
)
