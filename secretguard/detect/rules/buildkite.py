"""Buildkite: agent tokens, user access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_USER_ACCESS_TOKEN = "bkua_" + made_up.lower(40, "buildkite-user-access-token")
_AGENT_TOKEN = "bkct_" + made_up.lower(40, "buildkite-agent-token")

RULES = (
    Rule(
        id="buildkite-user-access-token",
        description="Buildkite user access token",
        patterns=(token("bkua_", LOWER, 40, 60),),
        url="https://buildkite.com/docs/apis/managing-api-tokens",
        revoke="Delete the user access token in Buildkite's settings, and make a new one.",
        examples=shown(_USER_ACCESS_TOKEN),
        near_misses=("bkua_" + made_up.lower(39, "short"), "bkua_" + "x" * 40),
    ),
    Rule(
        id="buildkite-agent-token",
        description="Buildkite agent token",
        patterns=(token("bkct_", LOWER, 40, 100),),
        url="https://buildkite.com/docs/agent/v3/tokens",
        revoke="Delete the agent token in Buildkite's settings, and make a new one.",
        examples=shown(_AGENT_TOKEN),
        near_misses=("bkct_" + made_up.lower(39, "short"), "bkct_" + "x" * 40),
    ),
)
