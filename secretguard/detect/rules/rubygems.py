"""RubyGems API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "rubygems_" + made_up.hexadecimal(48)

RULES = (
    Rule(
        id="rubygems-api-key",
        description="RubyGems API key",
        patterns=(token("rubygems_", HEX, 48),),
        url="https://guides.rubygems.org/api-key-scopes/",
        revoke="Delete the key in the account's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "rubygems_" + "0" * 48),
    ),
)
