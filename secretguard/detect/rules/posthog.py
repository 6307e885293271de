"""PostHog: personal API keys, project API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.finding import LOW, MEDIUM
from secretguard.detect.rule import WORD, Rule, shown, token

_PERSONAL_API_KEY = "phx_" + made_up.alnum(43, "posthog-personal-api-key")
_PROJECT_API_KEY = "phc_" + made_up.alnum(43, "posthog-project-api-key")

RULES = (
    Rule(
        id="posthog-personal-api-key",
        description="PostHog personal API key",
        patterns=(token("phx_", WORD, 43, 60),),
        url="https://posthog.com/docs/api",
        revoke="Delete the personal API key in PostHog's settings, and make a new one.",
        examples=shown(_PERSONAL_API_KEY),
        near_misses=("phx_" + made_up.alnum(42, "short"), "phx_" + "x" * 43),
    ),
    Rule(
        id="posthog-project-api-key",
        description="PostHog project API key",
        patterns=(token("phc_", WORD, 43),),
        url="https://posthog.com/docs/api",
        revoke="Delete the project API key in PostHog's settings, and make a new one.",
        examples=shown(_PROJECT_API_KEY),
        near_misses=(_PROJECT_API_KEY[:-1], "phc_" + "x" * 43),
        confidence=MEDIUM,
        severity=LOW,
    ),
)
