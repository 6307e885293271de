"""DataRobot: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = made_up.alnum(80, "datarobot-api-token")

RULES = (
    Rule(
        id="datarobot-api-token",
        description="DataRobot API token",
        patterns=(near("datarobot", "[A-Za-z0-9+/]{80}"),),
        url="https://docs.datarobot.com/en/docs/platform/acct-settings/api-key-mgmt.html",
        revoke="Delete the API token in DataRobot's settings, and make a new one.",
        examples=named("datarobot", _KEY),
        near_misses=one_off("datarobot", _KEY),
        judge="beside",
    ),
)
