"""Sendbird: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "sendbird-api-token")

RULES = (
    Rule(
        id="sendbird-api-token",
        description="Sendbird API token",
        patterns=(near("sendbird", f"{HEX}{{40}}"),),
        url="https://sendbird.com/docs/chat/platform-api/v3/prepare-to-use-api",
        revoke="Delete the API token in Sendbird's settings, and make a new one.",
        examples=named("sendbird", _KEY),
        near_misses=one_off("sendbird", _KEY),
        judge="beside",
    ),
)
