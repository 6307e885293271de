"""BlockCypher: tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "blockcypher-token")

RULES = (
    Rule(
        id="blockcypher-token",
        description="BlockCypher token",
        patterns=(near("blockcypher", f"{HEX}{{32}}"),),
        url="https://www.blockcypher.com/dev/bitcoin/",
        revoke="Delete the token in BlockCypher's settings, and make a new one.",
        examples=named("blockcypher", _KEY),
        near_misses=one_off("blockcypher", _KEY),
        judge="beside",
    ),
)
