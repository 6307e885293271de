"""Postman API keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "PMAK-" + made_up.hexadecimal(24) + "-" + made_up.hexadecimal(34)

RULES = (
    Rule(
        id="postman-api-key",
        description="Postman API key",
        patterns=(token("PMAK-[0-9a-f]{24}-", HEX, 34),),
        url="https://learning.postman.com/docs/developer/postman-api/authentication/",
        revoke="Revoke the key in the account's API key settings.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], _KEY.replace("PMAK", "PMAC")),
    ),
)
