"""Confluent Cloud: API secrets, versioned API secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, named, near, one_off, shown, token

_API_SECRET = made_up.alnum(64, "confluent-api-secret")
_API_SECRET_V2 = "cflt" + made_up.alnum(60, "confluent-api-secret-v2")

RULES = (
    Rule(
        id="confluent-api-secret",
        description="Confluent Cloud API secret",
        patterns=(near("(?:confluent|kafka|ccloud)", "[A-Za-z0-9+/]{64}"),),
        url="https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
        revoke="Delete the API secret in Confluent Cloud's settings, and make a new one.",
        examples=named("confluent", _API_SECRET),
        near_misses=one_off("confluent", _API_SECRET),
        judge="beside",
    ),
    Rule(
        id="confluent-api-secret-v2",
        description="Confluent Cloud versioned API secret",
        patterns=(token("cflt", "[A-Za-z0-9+/]", 60),),
        url="https://docs.confluent.io/cloud/current/security/authenticate/workload-identities/service-accounts/api-keys/overview.html",
        revoke="Delete the versioned API secret in Confluent Cloud's settings, and make a new one.",
        examples=shown(_API_SECRET_V2),
        near_misses=(_API_SECRET_V2[:-1], "cflt" + "x" * 60),
    ),
)
