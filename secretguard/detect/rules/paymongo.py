"""PayMongo: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(32, "paymongo-secret-key")

RULES = (
    Rule(
        id="paymongo-secret-key",
        description="PayMongo secret key",
        patterns=(near("paymongo", f"{ALNUM}{{32}}"),),
        url="https://developers.paymongo.com/docs/authentication",
        revoke="Delete the secret key in PayMongo's settings, and make a new one.",
        examples=named("paymongo", _KEY),
        near_misses=one_off("paymongo", _KEY),
        judge="beside",
    ),
)
