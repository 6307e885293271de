"""Google: API keys, OAuth client secrets, access and refresh tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

RULES = (
    Rule(
        id="google-api-key",
        description="Google API key",
        patterns=(token("AIza", WORD, 35),),
        url="https://cloud.google.com/docs/authentication/api-keys",
        revoke="Delete or restrict the key under APIs & Services, Credentials.",
        examples=shown("AIza" + made_up.alnum(35)),
        near_misses=("AIza" + made_up.alnum(34), "AIza" + "x" * 35),
    ),
    Rule(
        id="google-oauth-client-secret",
        description="Google OAuth client secret",
        patterns=(token("GOCSPX-", WORD, 28),),
        url="https://support.google.com/cloud/answer/15549257",
        revoke="Reset the client's secret under APIs & Services, Credentials.",
        examples=shown("GOCSPX-" + made_up.alnum(28)),
        near_misses=("GOCSPX-" + made_up.alnum(20), "GOCSPX-" + "x" * 28),
    ),
    Rule(
        id="google-oauth-token",
        description="Google OAuth access or refresh token",
        patterns=(
            token(r"ya29\.", "[A-Za-z0-9_.-]", 40, 1200),
            token(r"1//0", WORD, 40, 200),
        ),
        url="https://developers.google.com/identity/protocols/oauth2",
        revoke="POST it to https://oauth2.googleapis.com/revoke; an access token ends within the hour.",
        examples=(*shown("ya29." + made_up.alnum(160)), *shown("1//0" + made_up.alnum(60))[:1]),
        near_misses=("ya29." + made_up.alnum(12), "1//0" + made_up.alnum(12)),
    ),
)
