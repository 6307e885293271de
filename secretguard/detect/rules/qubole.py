"""Qubole: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "qubole-api-token")

RULES = (
    Rule(
        id="qubole-api-token",
        description="Qubole API token",
        patterns=(near("qubole", f"{ALNUM}{{64}}"),),
        url="https://docs.qubole.com/",
        revoke="Delete the API token in Qubole's settings, and make a new one.",
        examples=named("qubole", _KEY),
        near_misses=one_off("qubole", _KEY),
        judge="beside",
    ),
)
