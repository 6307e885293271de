"""PubNub: publish keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import UUID, Rule, prefixed, shown

_KEY = "pub-c-" + made_up.uuid("pubnub-publish-key")

RULES = (
    Rule(
        id="pubnub-publish-key",
        description="PubNub publish key",
        patterns=(prefixed("pub-c-", UUID),),
        url="https://www.pubnub.com/docs/general/setup/account-setup",
        revoke="Delete the publish key in PubNub's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY + "0"),
        confidence=MEDIUM,
        severity=LOW,
    ),
)
