"""Docker Hub access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "dckr_pat_" + made_up.alnum(27)

RULES = (
    Rule(
        id="docker-token",
        description="Docker access token",
        patterns=(token("dckr_(?:pat|oat)_", WORD, 27, 32),),
        url="https://docs.docker.com/security/access-tokens/",
        revoke="Delete the token in the account's settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dckr_pat_" + "x" * 27),
    ),
)
