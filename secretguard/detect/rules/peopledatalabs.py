"""People Data Labs: API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "peopledatalabs-api-key")

RULES = (
    Rule(
        id="peopledatalabs-api-key",
        description="People Data Labs API key",
        patterns=(near("people_?data_?labs", f"{HEX}{{64}}"),),
        url="https://docs.peopledatalabs.com/docs/authentication",
        revoke="Delete the API key in People Data Labs's settings, and make a new one.",
        examples=named("peopledatalabs", _KEY),
        near_misses=one_off("peopledatalabs", _KEY),
        judge="beside",
    ),
)
