"""42 API: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "s-s4t2ud-" + made_up.hexadecimal(64, "intra42-client-secret")

RULES = (
    Rule(
        id="intra42-client-secret",
        description="42 API client secret",
        patterns=(token("s-s4t2(?:ud|af)-", HEX, 64),),
        url="https://api.intra.42.fr/apidoc",
        revoke="Delete the client secret in 42 API's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "s-s4t2ud-" + "x" * 64),
    ),
)
