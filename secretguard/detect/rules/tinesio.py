"""Tines: webhooks."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "https://acme.tines.com/webhook/" + made_up.hexadecimal(32, "q") + "/" + made_up.hexadecimal(32, "tines-webhook")

RULES = (
    Rule(
        id="tines-webhook",
        description="Tines webhook",
        patterns=(token(r"https://[a-z0-9-]{2,40}\.tines\.com/webhook/[a-z0-9]{32}/", HEX, 32),),
        url="https://www.tines.com/docs/actions/types/webhook/",
        revoke="Delete the webhook in Tines's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "https://acme.tines.com/webhook/" + made_up.hexadecimal(32, "q") + "/" + "x" * 32),
    ),
)
