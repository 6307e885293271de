"""CrowdStrike: client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(40, "crowdstrike-client-secret")

RULES = (
    Rule(
        id="crowdstrike-client-secret",
        description="CrowdStrike client secret",
        patterns=(near("(?:crowdstrike|falcon_client)", f"{ALNUM}{{40}}"),),
        url="https://falcon.crowdstrike.com/documentation/",
        revoke="Delete the client secret in CrowdStrike's settings, and make a new one.",
        examples=named("crowdstrike", _KEY),
        near_misses=one_off("crowdstrike", _KEY),
        judge="beside",
    ),
)
