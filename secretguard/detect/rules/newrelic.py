"""New Relic user, ingest and browser keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, WORD, Pattern, Rule, shown, token

_KEY = "NRAK-" + made_up.upper(27)

RULES = (
    Rule(
        id="newrelic-key",
        description="New Relic key",
        patterns=(
            token("NRAK-", "[A-Z0-9]", 27),
            token("NRI[IQ]-", WORD, 32),
            token("NRAA-", HEX, 27),
            token("NRJS-", HEX, 19),
            Pattern(r"(?<![A-Za-z0-9])[0-9a-f]{36}NRAL(?![A-Za-z0-9])", r"[0-9a-f]{36}NRAL"),
        ),
        url="https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
        revoke="Delete the key on the API keys page.",
        examples=(*shown(_KEY), *shown(made_up.hexadecimal(36) + "NRAL")[:2], *shown("NRIQ-" + made_up.alnum(32))[:1]),
        near_misses=(_KEY[:-1], made_up.hexadecimal(35) + "NRAL"),
    ),
)
