"""DigitalOcean personal, OAuth and refresh tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "dop_v1_" + made_up.hexadecimal(64)

RULES = (
    Rule(
        id="digitalocean-token",
        description="DigitalOcean token",
        patterns=(token("do[opr]_v1_", HEX, 64),),
        url="https://docs.digitalocean.com/reference/api/create-personal-access-token/",
        revoke="Delete the token on the API page of the control panel.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "dox_v1_" + made_up.hexadecimal(64)),
    ),
)
