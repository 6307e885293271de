"""Bitbucket: client IDs, client secrets, repository access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, WORD, Rule, named, near, one_off, shown, token

_CLIENT_SECRET = made_up.alnum(64, "bitbucket-client-secret")
_CLIENT_ID = made_up.alnum(32, "bitbucket-client-id")
_ACCESS_TOKEN = "ATCTT3" + made_up.alnum(100, "bitbucket-access-token")

RULES = (
    Rule(
        id="bitbucket-client-secret",
        description="Bitbucket client secret",
        patterns=(near("bitbucket", f"{ALNUM}{{64}}"),),
        url="https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        revoke="Delete the client secret in Bitbucket's settings, and make a new one.",
        examples=named("bitbucket", _CLIENT_SECRET),
        near_misses=one_off("bitbucket", _CLIENT_SECRET),
        judge="beside",
    ),
    Rule(
        id="bitbucket-client-id",
        description="Bitbucket client ID",
        patterns=(near("bitbucket", f"{ALNUM}{{32}}"),),
        url="https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
        revoke="Delete the client ID in Bitbucket's settings, and make a new one.",
        examples=named("bitbucket", _CLIENT_ID),
        near_misses=one_off("bitbucket", _CLIENT_ID),
        judge="beside",
    ),
    Rule(
        id="bitbucket-access-token",
        description="Bitbucket repository access token",
        patterns=(token("ATCTT3", WORD, 100, 220),),
        url="https://support.atlassian.com/bitbucket-cloud/docs/access-tokens/",
        revoke="Delete the repository access token in Bitbucket's settings, and make a new one.",
        examples=shown(_ACCESS_TOKEN),
        near_misses=("ATCTT3" + made_up.alnum(99, "short"), "ATCTT3" + "x" * 100),
    ),
)
