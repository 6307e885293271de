"""WP Engine: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "wpengine-api-key")

RULES = (
    Rule(
        id="wpengine-api-key",
        description="WP Engine API key",
        patterns=(near("(?:wpengine|wpe_api)", f"{HEX}{{32}}"),),
        url="https://wpengineapi.com/reference",
        revoke="Delete the API key in WP Engine's settings, and make a new one.",
        examples=named("wpengine", _KEY),
        near_misses=one_off("wpengine", _KEY),
        judge="beside",
    ),
)
