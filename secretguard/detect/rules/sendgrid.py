"""Twilio SendGrid API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = f"SG.{made_up.alnum(22)}.{made_up.alnum(43)}"

RULES = (
    Rule(
        id="sendgrid-api-key",
        description="SendGrid API key",
        patterns=(token(rf"SG\.{WORD}{{22}}\.", WORD, 43),),
        url="https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
        revoke="Delete the key under Settings, API Keys.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY.replace(".", "-")),
        peer_type="SendGrid API Key",
    ),
)
