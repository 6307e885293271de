"""Sauce Labs: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("saucelabs-access-key")

RULES = (
    Rule(
        id="saucelabs-access-key",
        description="Sauce Labs access key",
        patterns=(near("(?:sauce_?labs|SAUCE_(?:ACCESS|USER|KEY))", UUID),),
        url="https://docs.saucelabs.com/basics/acct-team-mgmt/managing-user-info/",
        revoke="Delete the access key in Sauce Labs's settings, and make a new one.",
        examples=named("saucelabs", _KEY),
        near_misses=one_off("saucelabs", _KEY),
        judge="beside",
    ),
)
