"""Firebase Cloud Messaging: server keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "AAAA" + made_up.alnum(7, "f") + ":" + made_up.alnum(140, "fcm-server-key")

RULES = (
    Rule(
        id="fcm-server-key",
        description="Firebase Cloud Messaging server key",
        patterns=(token("AAAA[A-Za-z0-9_-]{7}:", WORD, 140),),
        url="https://firebase.google.com/docs/cloud-messaging",
        revoke="Delete the server key in Firebase Cloud Messaging's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "AAAA" + made_up.alnum(7, "f") + ":" + "x" * 140),
    ),
)
