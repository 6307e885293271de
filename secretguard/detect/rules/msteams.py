"""Microsoft Teams: webhooks."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = (
    "https://outlook.office.com/webhook/"
    + made_up.uuid("q")
    + "@"
    + made_up.uuid("r")
    + "/IncomingWebhook/"
    + made_up.hexadecimal(32, "q")
    + "/"
    + made_up.uuid("msteams-webhook")
)

RULES = (
    Rule(
        id="msteams-webhook",
        description="Microsoft Teams webhook",
        patterns=(
            prefixed(
                r"https://(?:outlook\.office(?:365)?|[a-z0-9-]{1,60}\.webhook\.office)\.com/webhookb?2?/[0-9a-fA-F-]{36}@[0-9a-fA-F-]{36}/IncomingWebhook/[0-9a-fA-F]{32}/",
                UUID,
            ),
        ),
        url="https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook",
        revoke="Delete the webhook in Microsoft Teams's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
