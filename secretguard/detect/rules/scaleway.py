"""Scaleway: access keys, secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, UUID, Rule, named, near, one_off, shown, token

_ACCESS_KEY = "SCW" + made_up.upper(17, "scaleway-access-key")
_SECRET_KEY = made_up.uuid("scaleway-secret-key")

RULES = (
    Rule(
        id="scaleway-access-key",
        description="Scaleway access key",
        patterns=(token("SCW", UPPER, 17),),
        url="https://www.scaleway.com/en/docs/iam/how-to/create-api-keys/",
        revoke="Delete the access key in Scaleway's settings, and make a new one.",
        examples=shown(_ACCESS_KEY),
        near_misses=(_ACCESS_KEY[:-1], "SCW" + "x" * 17),
        judge="random",
    ),
    Rule(
        id="scaleway-secret-key",
        description="Scaleway secret key",
        patterns=(near("(?:scaleway|SCW_SECRET)", UUID),),
        url="https://www.scaleway.com/en/docs/iam/how-to/create-api-keys/",
        revoke="Delete the secret key in Scaleway's settings, and make a new one.",
        examples=named("scaleway", _SECRET_KEY),
        near_misses=one_off("scaleway", _SECRET_KEY),
        judge="beside",
    ),
)
