"""Mailgun: account API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "" + made_up.hexadecimal(32, "q") + "-4dd50799-" + made_up.hexadecimal(8, "mailgun-account-api-key49")

RULES = (
    Rule(
        id="mailgun-account-api-key",
        description="Mailgun account API key",
        patterns=(token("[0-9a-f]{32}-[0-9a-f]{8}-", HEX, 8),),
        url="https://documentation.mailgun.com/docs/mailgun/api-reference/mg-auth",
        revoke="Delete the account API key in Mailgun's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
