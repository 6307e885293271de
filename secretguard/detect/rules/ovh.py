"""OVHcloud: application secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "ovh-application-secret")

RULES = (
    Rule(
        id="ovh-application-secret",
        description="OVHcloud application secret",
        patterns=(near("ovh", f"{ALNUM}{{32}}"),),
        url="https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api",
        revoke="Delete the application secret in OVHcloud's settings, and make a new one.",
        examples=named("ovh", _KEY),
        near_misses=one_off("ovh", _KEY),
        judge="beside",
    ),
)
