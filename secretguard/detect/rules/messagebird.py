"""MessageBird: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(25, "messagebird-access-key")

RULES = (
    Rule(
        id="messagebird-access-key",
        description="MessageBird access key",
        patterns=(near("message_?bird", f"{ALNUM}{{25}}"),),
        url="https://developers.messagebird.com/api/#authentication",
        revoke="Delete the access key in MessageBird's settings, and make a new one.",
        examples=named("messagebird", _KEY),
        near_misses=one_off("messagebird", _KEY),
        judge="beside",
    ),
)
