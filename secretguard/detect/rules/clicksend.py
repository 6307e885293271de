"""ClickSend: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("clicksend-api-key")

RULES = (
    Rule(
        id="clicksend-api-key",
        description="ClickSend API key",
        patterns=(near("clicksend", UUID),),
        url="https://developers.clicksend.com/docs/",
        revoke="Delete the API key in ClickSend's settings, and make a new one.",
        examples=named("clicksend", _KEY),
        near_misses=one_off("clicksend", _KEY),
        judge="beside",
    ),
)
