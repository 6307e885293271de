"""Loggly: customer tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("loggly-customer-token")

RULES = (
    Rule(
        id="loggly-customer-token",
        description="Loggly customer token",
        patterns=(near("loggly", UUID),),
        url="https://documentation.solarwinds.com/en/success_center/loggly/content/admin/customer-token-authentication-token.htm",
        revoke="Delete the customer token in Loggly's settings, and make a new one.",
        examples=named("loggly", _KEY),
        near_misses=one_off("loggly", _KEY),
        judge="beside",
    ),
)
