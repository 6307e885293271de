"""Square access tokens and OAuth secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, shown, token

_KEY = "sq0csp-" + made_up.alnum(43)

RULES = (
    Rule(
        id="square-token",
        description="Square access token or OAuth secret",
        patterns=(
            token("sq0csp-", WORD, 43),
            token("sq0atp-", WORD, 22),
            token("EAAA", WORD, 60),
        ),
        url="https://developer.squareup.com/docs/build-basics/access-tokens",
        revoke="Replace the token in the developer console.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "sq0xyz-" + made_up.alnum(43)),
        peer_type="Square OAuth Secret",
    ),
)
