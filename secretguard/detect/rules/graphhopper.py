"""GraphHopper: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("graphhopper-api-key")

RULES = (
    Rule(
        id="graphhopper-api-key",
        description="GraphHopper API key",
        patterns=(near("graphhopper", UUID),),
        url="https://docs.graphhopper.com/",
        revoke="Delete the API key in GraphHopper's settings, and make a new one.",
        examples=named("graphhopper", _KEY),
        near_misses=one_off("graphhopper", _KEY),
        judge="beside",
    ),
)
