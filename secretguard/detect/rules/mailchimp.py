"""Mailchimp and Mailgun keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Pattern, Rule, shown, token

_KEY = made_up.hexadecimal(32) + "-us14"
_GUN = "key-" + made_up.hexadecimal(32)

RULES = (
    Rule(
        id="mailchimp-api-key",
        description="Mailchimp API key",
        patterns=(Pattern(r"(?<![A-Za-z0-9])[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])", r"[0-9a-f]{32}-us[0-9]{1,2}"),),
        url="https://mailchimp.com/help/about-api-keys/",
        revoke="Revoke the key under Extras, API keys.",
        examples=shown(_KEY)[:3],
        near_misses=(_KEY[1:], "0" * 32 + "-us14"),
        judge="random",
        peer_type="Mailchimp Access Key",
    ),
    Rule(
        id="mailgun-api-key",
        description="Mailgun API key",
        patterns=(token("key-", HEX, 32),),
        url="https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt",
        revoke="Delete the key in the Mailgun control panel.",
        examples=shown(_GUN),
        near_misses=(_GUN[:-1], "monkey-" + made_up.hexadecimal(32)),
        judge="random",
    ),
)
