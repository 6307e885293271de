"""1Password: secret keys, service account tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UPPER, WORD, Rule, shown, token

_EXAMPLE_1 = "ops_eyJ" + made_up.alnum(250, "onepassword-service-account-token")
_EXAMPLE_2 = "A3-ASWWYB-798JRYLJVD4-23DC2-86TVM-" + made_up.upper(5, "onepassword-secret-key")

RULES = (
    Rule(
        id="onepassword-service-account-token",
        description="1Password service account token",
        patterns=(token("ops_eyJ", WORD, 250, 1200),),
        url="https://developer.1password.com/docs/service-accounts/",
        revoke="Delete the service account token in 1Password's settings, and make a new one.",
        examples=shown(_EXAMPLE_1),
        near_misses=("ops_eyJ" + made_up.alnum(249, "short"), "ops_eyJ" + "x" * 250),
    ),
    Rule(
        id="onepassword-secret-key",
        description="1Password secret key",
        patterns=(token("A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-", UPPER, 5),),
        url="https://support.1password.com/secret-key-security/",
        revoke="Delete the secret key in 1Password's settings, and make a new one.",
        examples=shown(_EXAMPLE_2),
        near_misses=(_EXAMPLE_2[:-1], _EXAMPLE_2 + "0"),
    ),
)
