"""DevCycle: SDK keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "dvc_server_" + made_up.alnum(24, "devcycle-sdk-key")

RULES = (
    Rule(
        id="devcycle-sdk-key",
        description="DevCycle SDK key",
        patterns=(token("dvc_(?:server|client|mobile)_", WORD, 24, 80),),
        url="https://docs.devcycle.com/platform/account-management/environments/",
        revoke="Delete the SDK key in DevCycle's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("dvc_server_" + made_up.alnum(23, "short"), "dvc_server_" + "x" * 24),
    ),
)
