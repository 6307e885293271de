"""Slack: tokens and incoming webhooks."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import MEDIUM
from secretguard.detect.rule import Pattern, Rule, shown, token

_URL = "https://docs.slack.dev/authentication/tokens"
_BOT = f"xoxb-{made_up.digits(12)}-{made_up.digits(13)}-{made_up.alnum(24)}"
_HOOK = f"https://hooks.slack.com/services/T{made_up.upper(10)}/B{made_up.upper(10)}/{made_up.alnum(24)}"

RULES = (
    Rule(
        id="slack-token",
        description="Slack token",
        patterns=(
            token("xox[abeoprs]-(?:[0-9]-)?[0-9]{6,14}-", "[A-Za-z0-9-]", 10, 160),
            token("xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{8,14}-", "[0-9a-f]", 32, 96),
            token("xox[ep]-[0-9]-", "[A-Za-z0-9]", 140, 240),
        ),
        url=_URL,
        revoke="Revoke it with auth.revoke, or regenerate the app's tokens; read the access logs.",
        examples=(
            *shown(_BOT),
            *shown(f"xapp-1-A{made_up.upper(10)}-{made_up.digits(13)}-{made_up.hexadecimal(64)}")[:2],
        ),
        near_misses=(
            "xoxb-" + made_up.digits(12),
            "xoxb-123456789012-" + "xxxxxxxxxxxxxxxxxxxxxxxxx",
            "xoxz-" + _BOT[5:],
        ),
        peer_type="Slack Token",
    ),
    Rule(
        id="slack-webhook",
        description="Slack incoming webhook",
        patterns=(
            Pattern(
                r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/+-]{30,100}",
                r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9_/+-]{30}",
            ),
        ),
        url="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
        revoke="Remove the webhook from the app's configuration and make a new one.",
        examples=((f"url: {_HOOK}", _HOOK), (f"curl -d @- '{_HOOK}'", _HOOK)),
        near_misses=("https://hooks.slack.com/services/T000/B000/XX", "https://hooks.slack.com/services/" + "X" * 40),
        severity=MEDIUM,
        peer_type="Slack Token",
    ),
)
