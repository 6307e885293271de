"""IPinfo: access tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, keyed

_KEY = made_up.hexadecimal(14, "ipinfo-access-token")

RULES = (
    Rule(
        id="ipinfo-access-token",
        description="IPinfo access token",
        patterns=(keyed("ipinfo", f"{HEX}{{14}}"),),
        url="https://ipinfo.io/developers",
        revoke="Delete the access token in IPinfo's settings, and make a new one.",
        examples=((f"IPINFO_API_KEY={_KEY}", _KEY), (f"ipinfo_token: '{_KEY}'", _KEY)),
        near_misses=(f"IPINFO_API_KEY={_KEY[:-1]}", "IPINFO_API_KEY=$KEY"),
        judge="random",
    ),
)
