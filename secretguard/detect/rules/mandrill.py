"""Mandrill: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, keyed

_KEY = made_up.alnum(22, "mandrill-api-key")

RULES = (
    Rule(
        id="mandrill-api-key",
        description="Mandrill API key",
        patterns=(keyed("mandrill", f"{WORD}{{22}}"),),
        url="https://mailchimp.com/developer/transactional/guides/quick-start/",
        revoke="Delete the API key in Mandrill's settings, and make a new one.",
        examples=((f"MANDRILL_API_KEY={_KEY}", _KEY), (f"mandrill_token: '{_KEY}'", _KEY)),
        near_misses=(f"MANDRILL_API_KEY={_KEY[:-1]}", "MANDRILL_API_KEY=$KEY"),
        judge="random",
    ),
)
