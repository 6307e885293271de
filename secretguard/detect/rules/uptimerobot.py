"""UptimeRobot: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(34, "uptimerobot-api-key")

RULES = (
    Rule(
        id="uptimerobot-api-key",
        description="UptimeRobot API key",
        patterns=(near("uptime_?robot", f"{WORD}{{34}}"),),
        url="https://uptimerobot.com/api/",
        revoke="Delete the API key in UptimeRobot's settings, and make a new one.",
        examples=named("uptimerobot", _KEY),
        near_misses=one_off("uptimerobot", _KEY),
        judge="beside",
    ),
)
