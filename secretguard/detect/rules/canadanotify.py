"""GC Notify: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "gcntfy-my_key-26785a09-ab16-4eb0-8407-a37497a57506-" + made_up.uuid("gcnotify-api-key")

RULES = (
    Rule(
        id="gcnotify-api-key",
        description="GC Notify API key",
        patterns=(prefixed("gcntfy-[A-Za-z0-9_-]{1,60}-[0-9a-f-]{36}-", UUID),),
        url="https://documentation.notification.canada.ca/en/start.html",
        revoke="Delete the API key in GC Notify's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
    ),
)
