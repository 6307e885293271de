"""IEX Cloud: secret tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "iexcloud-secret-token")

RULES = (
    Rule(
        id="iexcloud-secret-token",
        description="IEX Cloud secret token",
        patterns=(near("iex_?cloud", f"{HEX}{{32}}"),),
        url="https://iexcloud.io/docs/",
        revoke="Delete the secret token in IEX Cloud's settings, and make a new one.",
        examples=named("iexcloud", _KEY),
        near_misses=one_off("iexcloud", _KEY),
        judge="beside",
    ),
)
