"""Socket: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sktsec_" + made_up.alnum(40, "socket-api-token")

RULES = (
    Rule(
        id="socket-api-token",
        description="Socket API token",
        patterns=(token("sktsec_", WORD, 40, 120),),
        url="https://docs.socket.dev/docs/socket-api",
        revoke="Delete the API token in Socket's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("sktsec_" + made_up.alnum(39, "short"), "sktsec_" + "x" * 40),
    ),
)
