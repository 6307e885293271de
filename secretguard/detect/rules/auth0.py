"""Auth0: client IDs, client secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, WORD, Rule, named, near, one_off

_CLIENT_SECRET = made_up.alnum(64, "auth0-client-secret")
_CLIENT_ID = made_up.alnum(32, "auth0-client-id")

RULES = (
    Rule(
        id="auth0-client-secret",
        description="Auth0 client secret",
        patterns=(near("auth0", f"{WORD}{{64}}"),),
        url="https://auth0.com/docs/get-started/applications/application-settings",
        revoke="Delete the client secret in Auth0's settings, and make a new one.",
        examples=named("auth0", _CLIENT_SECRET),
        near_misses=one_off("auth0", _CLIENT_SECRET),
        judge="beside",
    ),
    Rule(
        id="auth0-client-id",
        description="Auth0 client ID",
        patterns=(near("auth0", f"{ALNUM}{{32}}"),),
        url="https://auth0.com/docs/get-started/applications/application-settings",
        revoke="Delete the client ID in Auth0's settings, and make a new one.",
        examples=named("auth0", _CLIENT_ID),
        near_misses=one_off("auth0", _CLIENT_ID),
        judge="beside",
    ),
)
