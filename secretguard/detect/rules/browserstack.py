"""BrowserStack: access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(20, "browserstack-access-key")

RULES = (
    Rule(
        id="browserstack-access-key",
        description="BrowserStack access key",
        patterns=(near("browserstack", f"{ALNUM}{{20}}"),),
        url="https://www.browserstack.com/docs/automate/api-reference/selenium/introduction",
        revoke="Delete the access key in BrowserStack's settings, and make a new one.",
        examples=named("browserstack", _KEY),
        near_misses=one_off("browserstack", _KEY),
        judge="beside",
    ),
)
