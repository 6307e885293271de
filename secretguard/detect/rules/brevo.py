"""Brevo: API keys, SMTP keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_API_KEY = "xkeysib-" + made_up.hexadecimal(64, "q") + "-" + made_up.alnum(16, "brevo-api-key")
_SMTP_KEY = "xsmtpsib-" + made_up.hexadecimal(64, "q") + "-" + made_up.alnum(16, "brevo-smtp-key")

RULES = (
    Rule(
        id="brevo-api-key",
        description="Brevo API key",
        patterns=(token("xkeysib-[0-9a-f]{64}-", ALNUM, 16),),
        url="https://developers.brevo.com/docs/getting-started",
        revoke="Delete the API key in Brevo's settings, and make a new one.",
        examples=shown(_API_KEY),
        near_misses=(_API_KEY[:-1], "xkeysib-" + made_up.hexadecimal(64, "q") + "-" + "x" * 16),
    ),
    Rule(
        id="brevo-smtp-key",
        description="Brevo SMTP key",
        patterns=(token("xsmtpsib-[0-9a-f]{64}-", ALNUM, 16),),
        url="https://developers.brevo.com/docs/smtp-integration",
        revoke="Delete the SMTP key in Brevo's settings, and make a new one.",
        examples=shown(_SMTP_KEY),
        near_misses=(_SMTP_KEY[:-1], "xsmtpsib-" + made_up.hexadecimal(64, "q") + "-" + "x" * 16),
    ),
)
