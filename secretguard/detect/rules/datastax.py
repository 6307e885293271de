"""DataStax Astra: application tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "AstraCS:" + made_up.letters(24, "q") + ":" + made_up.hexadecimal(64, "datastax-application-token")

RULES = (
    Rule(
        id="datastax-application-token",
        description="DataStax Astra application token",
        patterns=(token("AstraCS:[A-Za-z]{24}:", HEX, 64),),
        url="https://docs.datastax.com/en/astra-db-serverless/administration/manage-application-tokens.html",
        revoke="Delete the application token in DataStax Astra's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "AstraCS:" + made_up.letters(24, "q") + ":" + "x" * 64),
    ),
)
