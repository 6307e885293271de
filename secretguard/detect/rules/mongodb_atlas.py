"""MongoDB Atlas: service account secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "mdb_sa_sk_" + made_up.alnum(40, "mongodb-atlas-service-account-secret")

RULES = (
    Rule(
        id="mongodb-atlas-service-account-secret",
        description="MongoDB Atlas service account secret",
        patterns=(token("mdb_sa_sk_", WORD, 40),),
        url="https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
        revoke="Delete the service account secret in MongoDB Atlas's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "mdb_sa_sk_" + "x" * 40),
    ),
)
