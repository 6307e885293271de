"""Redis Cloud: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, named, near, one_off

_KEY = made_up.lower(50, "redislabs-api-key")

RULES = (
    Rule(
        id="redislabs-api-key",
        description="Redis Cloud API key",
        patterns=(near("redis_?(?:labs|cloud)", f"{LOWER}{{50}}"),),
        url="https://redis.io/docs/latest/operate/rc/api/",
        revoke="Delete the API key in Redis Cloud's settings, and make a new one.",
        examples=named("rediscloud", _KEY),
        near_misses=one_off("rediscloud", _KEY),
        judge="beside",
    ),
)
