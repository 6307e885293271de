"""Heroku API keys, old (UUID) and new."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, keyed, token

_KEY = "-".join(made_up.hexadecimal(n) for n in (8, 4, 4, 4, 12))

RULES = (
    Rule(
        id="heroku-api-key",
        description="Heroku API key",
        patterns=(
            keyed("heroku", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
            token("HRKU-AA", WORD, 58),
        ),
        url="https://devcenter.heroku.com/articles/authentication",
        revoke="heroku authorizations:revoke, or regenerate the key in the account's settings.",
        examples=((f"HEROKU_API_KEY={_KEY}", _KEY), (f"heroku_token: '{_KEY}'", _KEY)),
        near_misses=(f"HEROKU_API_KEY={_KEY[:-1]}", "HEROKU_API_KEY=${SECRET_FROM_VAULT}", f"other_setting={_KEY}"),
        judge="random",
    ),
)
