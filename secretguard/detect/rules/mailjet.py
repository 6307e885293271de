"""Mailjet: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "mailjet-secret-key")

RULES = (
    Rule(
        id="mailjet-secret-key",
        description="Mailjet secret key",
        patterns=(near("mailjet", f"{HEX}{{32}}"),),
        url="https://dev.mailjet.com/email/guides/getting-started/",
        revoke="Delete the secret key in Mailjet's settings, and make a new one.",
        examples=named("mailjet", _KEY),
        near_misses=one_off("mailjet", _KEY),
        judge="beside",
    ),
)
