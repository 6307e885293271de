"""ngrok: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "2" + made_up.alnum(26, "q") + "_" + made_up.alnum(21, "ngrok-api-key")

RULES = (
    Rule(
        id="ngrok-api-key",
        description="ngrok API key",
        patterns=(token("[12][A-Za-z0-9]{26}_", ALNUM, 21),),
        url="https://ngrok.com/docs/agent/#authtokens",
        revoke="Delete the API key in ngrok's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "2" + made_up.alnum(26, "q") + "_" + "x" * 21),
        judge="random",
    ),
)
