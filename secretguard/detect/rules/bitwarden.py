"""Bitwarden: machine account tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = (
    "0.ec2c1d46-6a4b-4751-a310-af9601317f2d."
    + made_up.alnum(30, "q")
    + ":"
    + made_up.alnum(22, "bitwarden-machine-account-token")
)

RULES = (
    Rule(
        id="bitwarden-machine-account-token",
        description="Bitwarden machine account token",
        patterns=(token(r"0\.[0-9a-f-]{36}\.[A-Za-z0-9]{30}:", "[A-Za-z0-9+/]", 22),),
        url="https://bitwarden.com/help/access-tokens/",
        revoke="Delete the machine account token in Bitwarden's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "0.ec2c1d46-6a4b-4751-a310-af9601317f2d." + made_up.alnum(30, "q") + ":" + "x" * 22),
    ),
)
