"""PubNub: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "sec-c-" + made_up.alnum(40, "pubnub-secret-key")

RULES = (
    Rule(
        id="pubnub-secret-key",
        description="PubNub secret key",
        patterns=(token("sec-c-", "[A-Za-z0-9+/]", 40, 70),),
        url="https://www.pubnub.com/docs/general/setup/account-setup",
        revoke="Delete the secret key in PubNub's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sec-c-" + made_up.alnum(39, "short"), "sec-c-" + "x" * 40),
    ),
)
