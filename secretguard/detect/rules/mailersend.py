"""MailerSend: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "mlsn." + made_up.hexadecimal(64, "mailersend-api-token")

RULES = (
    Rule(
        id="mailersend-api-token",
        description="MailerSend API token",
        patterns=(token(r"mlsn\.", HEX, 64),),
        url="https://developers.mailersend.com/general.html#authentication",
        revoke="Delete the API token in MailerSend's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "mlsn." + "x" * 64),
    ),
)
