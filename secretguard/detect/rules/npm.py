"""npm access tokens, also as they stand in .npmrc."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Pattern, Rule, shown, token

_OLD = "-".join(made_up.hexadecimal(n) for n in (8, 4, 4, 4, 12))

RULES = (
    Rule(
        id="npm-token",
        description="npm access token",
        patterns=(
            token("npm_", ALNUM, 36),
            Pattern(
                r"_authToken[ \t]{0,4}=[ \t]{0,4}[\"']?(?P<secret>[A-Za-z0-9_+/=.-]{20,400})",
                r"_authToken[ \t]{0,4}=[ \t]{0,4}[\"']?[A-Za-z0-9_+/=.-]{20}",
            ),
        ),
        url="https://docs.npmjs.com/about-access-tokens",
        revoke="Delete the token on the access tokens page or with `npm token revoke`.",
        examples=(
            *shown("npm_" + made_up.alnum(36)),
            (f"//registry.example.test/:_authToken={_OLD}", _OLD),
        ),
        near_misses=(
            "npm_" + made_up.alnum(30),
            "_authToken=${NPM_TOKEN}",
            "npm_config_cache_directory_for_builds_of_ci",
        ),
        peer_type="NPM tokens",
    ),
)
