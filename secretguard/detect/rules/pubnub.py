"""PubNub: publish keys, secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import UUID, Rule, prefixed, shown, token

_EXAMPLE_1 = "sec-c-" + made_up.alnum(40, "pubnub-secret-key")
_EXAMPLE_2 = "pub-c-" + made_up.uuid("pubnub-publish-key")

RULES = (
    Rule(
        id="pubnub-secret-key",
        description="PubNub secret key",
        patterns=(token("sec-c-", "[A-Za-z0-9+/]", 40, 70),),
        url="https://www.pubnub.com/docs/general/setup/account-setup",
        revoke="Delete the secret key in PubNub's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("sec-c-" + made_up.alnum(39, "short"), "sec-c-" + "x" * 40),
    ),
    Rule(
        id="pubnub-publish-key",
        description="PubNub publish key",
        patterns=(prefixed("pub-c-", UUID),),
        url="https://www.pubnub.com/docs/general/setup/account-setup",
        revoke="Delete the publish key in PubNub's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], _EXAMPLE_2 + "0"),
        confidence=MEDIUM,
        severity=LOW,
    ),
)
