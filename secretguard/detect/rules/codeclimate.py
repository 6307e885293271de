"""Code Climate: test reporter IDs."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(64, "codeclimate-reporter-id")

RULES = (
    Rule(
        id="codeclimate-reporter-id",
        description="Code Climate test reporter ID",
        patterns=(near("(?:code_?climate|CC_TEST_REPORTER)", f"{HEX}{{64}}"),),
        url="https://docs.codeclimate.com/docs/finding-your-test-coverage-token",
        revoke="Delete the test reporter ID in Code Climate's settings, and make a new one.",
        examples=named("codeclimate", _KEY),
        near_misses=one_off("codeclimate", _KEY),
        judge="beside",
    ),
)
