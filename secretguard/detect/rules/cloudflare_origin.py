"""Cloudflare: origin CA keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, shown, token

_KEY = "v1.0-" + made_up.hexadecimal(24, "q") + "-" + made_up.hexadecimal(146, "cloudflare-origin-ca-key")

RULES = (
    Rule(
        id="cloudflare-origin-ca-key",
        description="Cloudflare origin CA key",
        patterns=(token(r"v1\.0-[0-9a-f]{24}-", HEX, 146),),
        url="https://developers.cloudflare.com/fundamentals/api/get-started/ca-keys/",
        revoke="Delete the origin CA key in Cloudflare's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "v1.0-" + made_up.hexadecimal(24, "q") + "-" + "x" * 146),
    ),
)
