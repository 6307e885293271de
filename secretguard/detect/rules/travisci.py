"""Travis CI: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, keyed

_KEY = made_up.alnum(22, "travisci-access-token")

RULES = (
    Rule(
        id="travisci-access-token",
        description="Travis CI access token",
        patterns=(keyed("travis(?:_ci)?[_.-]?(?:api|key|token|secret|access|auth)", f"{WORD}{{22}}"),),
        url="https://developer.travis-ci.com/authentication",
        revoke="Delete the access token in Travis CI's settings, and make a new one.",
        examples=((f"TRAVIS_API_KEY={_KEY}", _KEY), (f"travis_token: '{_KEY}'", _KEY)),
        near_misses=(f"TRAVIS_API_KEY={_KEY[:-1]}", "TRAVIS_API_KEY=$KEY"),
        judge="random",
    ),
)
