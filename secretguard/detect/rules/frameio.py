"""Frame.io: developer tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "fio-u-" + made_up.alnum(64, "frameio-developer-token")

RULES = (
    Rule(
        id="frameio-developer-token",
        description="Frame.io developer token",
        patterns=(token("fio-[ua]-", WORD, 64),),
        url="https://developer.frame.io/docs/getting-started/authentication",
        revoke="Delete the developer token in Frame.io's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "fio-u-" + "x" * 64),
    ),
)
