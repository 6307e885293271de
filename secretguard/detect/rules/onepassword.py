"""1Password: service account tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "ops_eyJ" + made_up.alnum(250, "onepassword-service-account-token")

RULES = (
    Rule(
        id="onepassword-service-account-token",
        description="1Password service account token",
        patterns=(token("ops_eyJ", WORD, 250, 1200),),
        url="https://developer.1password.com/docs/service-accounts/",
        revoke="Delete the service account token in 1Password's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=("ops_eyJ" + made_up.alnum(249, "short"), "ops_eyJ" + "x" * 250),
    ),
)
