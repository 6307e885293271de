"""Deepgram: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(40, "deepgram-api-key")

RULES = (
    Rule(
        id="deepgram-api-key",
        description="Deepgram API key",
        patterns=(near("deepgram", f"{HEX}{{40}}"),),
        url="https://developers.deepgram.com/docs/create-additional-api-keys",
        revoke="Delete the API key in Deepgram's settings, and make a new one.",
        examples=named("deepgram", _KEY),
        near_misses=one_off("deepgram", _KEY),
        judge="beside",
    ),
)
