"""Sentry user, organisation and integration tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "sntryu_" + made_up.hexadecimal(64)

RULES = (
    Rule(
        id="sentry-token",
        description="Sentry auth token",
        patterns=(
            token("sntryu_", HEX, 64),
            token("sntrys_eyJ", "[A-Za-z0-9+/=_-]", 80, 400),
            token("sntryi_", HEX, 64),
        ),
        url="https://docs.sentry.io/account/auth-tokens/",
        revoke="Revoke the token in the account's or organisation's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sntrys_" + made_up.hexadecimal(64)),
    ),
)
