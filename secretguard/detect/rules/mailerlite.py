"""MailerLite: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "mailerlite-api-key")

RULES = (
    Rule(
        id="mailerlite-api-key",
        description="MailerLite API key",
        patterns=(near("mailerlite", f"{HEX}{{32}}"),),
        url="https://developers.mailerlite.com/docs/",
        revoke="Delete the API key in MailerLite's settings, and make a new one.",
        examples=named("mailerlite", _KEY),
        near_misses=one_off("mailerlite", _KEY),
        judge="beside",
    ),
)
