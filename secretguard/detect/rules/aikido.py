"""Aikido: CI tokens, client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_CLIENT_SECRET = "AIK_SECRET_" + made_up.alnum(40, "aikido-client-secret")
_CI_TOKEN = "AIK_CI_" + made_up.alnum(20, "aikido-ci-token")

RULES = (
    Rule(
        id="aikido-client-secret",
        description="Aikido client secret",
        patterns=(token("AIK_SECRET_", ALNUM, 40, 80),),
        url="https://help.aikido.dev/",
        revoke="Delete the client secret in Aikido's settings, and make a new one.",
        examples=shown(_CLIENT_SECRET),
        near_misses=("AIK_SECRET_" + made_up.alnum(39, "short"), "AIK_SECRET_" + "x" * 40),
    ),
    Rule(
        id="aikido-ci-token",
        description="Aikido CI token",
        patterns=(token("AIK_CI_", ALNUM, 20, 80),),
        url="https://help.aikido.dev/",
        revoke="Delete the CI token in Aikido's settings, and make a new one.",
        examples=shown(_CI_TOKEN),
        near_misses=("AIK_CI_" + made_up.alnum(19, "short"), "AIK_CI_" + "x" * 20),
    ),
)
