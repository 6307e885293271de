"""Walk Score: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "walkscore-api-key")

RULES = (
    Rule(
        id="walkscore-api-key",
        description="Walk Score API key",
        patterns=(near("walk_?score", f"{HEX}{{32}}"),),
        url="https://www.walkscore.com/professional/api.php",
        revoke="Delete the API key in Walk Score's settings, and make a new one.",
        examples=named("walkscore", _KEY),
        near_misses=one_off("walkscore", _KEY),
        judge="beside",
    ),
)
