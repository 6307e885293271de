"""TrueNAS: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "8-" + made_up.alnum(64, "truenas-api-key")

RULES = (
    Rule(
        id="truenas-api-key",
        description="TrueNAS API key",
        patterns=(token("[0-9]{1,3}-", ALNUM, 64),),
        url="https://www.truenas.com/docs/scale/scaletutorials/toptoolbar/managingapikeys/",
        revoke="Delete the API key in TrueNAS's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "8-" + "x" * 64),
        judge="random",
    ),
)
