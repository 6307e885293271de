"""GoCardless: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off

_KEY = "live_" + made_up.alnum(40, "gocardless")

RULES = (
    Rule(
        id="gocardless-access-token",
        description="GoCardless access token",
        patterns=(near("gocardless", "(?:live|sandbox)_[A-Za-z0-9_-]{40}"),),
        url="https://developer.gocardless.com/api-reference/",
        revoke="Delete the access token in GoCardless's settings, and make a new one.",
        examples=named("gocardless", _KEY),
        near_misses=one_off("gocardless", _KEY),
        judge="beside",
    ),
)
