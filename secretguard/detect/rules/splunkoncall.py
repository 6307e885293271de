"""Splunk On-Call: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "splunkoncall-api-key")

RULES = (
    Rule(
        id="splunkoncall-api-key",
        description="Splunk On-Call API key",
        patterns=(near("(?:victorops|splunk_?on_?call)", f"{HEX}{{32}}"),),
        url="https://portal.victorops.com/public/api-docs.html",
        revoke="Delete the API key in Splunk On-Call's settings, and make a new one.",
        examples=named("victorops", _KEY),
        near_misses=one_off("victorops", _KEY),
        judge="beside",
    ),
)
