"""Docker Swarm: join tokens, unlock keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import LOWER, Rule, shown, token

_EXAMPLE_1 = "SWMKEY-1-" + made_up.alnum(43, "docker-swarm-unlock-key")
_EXAMPLE_2 = "SWMTKN-1-" + made_up.lower(50, "s") + "-" + made_up.lower(25, "docker-swarm-join-token")

RULES = (
    Rule(
        id="docker-swarm-unlock-key",
        description="Docker Swarm unlock key",
        patterns=(token("SWMKEY-1-", "[A-Za-z0-9+/]", 43),),
        url="https://docs.docker.com/engine/swarm/swarm_manager_locking/",
        revoke="Delete the unlock key in Docker Swarm's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=(_EXAMPLE_1[:-1], "SWMKEY-1-" + "x" * 43),
    ),
    Rule(
        id="docker-swarm-join-token",
        description="Docker Swarm join token",
        patterns=(token("SWMTKN-1-[a-z0-9]{50}-", LOWER, 25),),
        url="https://docs.docker.com/engine/swarm/join-nodes/",
        revoke="Delete the join token in Docker Swarm's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], "SWMTKN-1-" + made_up.lower(50, "s") + "-" + "x" * 25),
    ),
)
