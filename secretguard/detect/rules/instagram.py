"""Instagram: app secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import HEX, Rule, named, near, one_off

_KEY = made_up.hexadecimal(32, "instagram-app-secret")

RULES = (
    Rule(
        id="instagram-app-secret",
        description="Instagram app secret",
        patterns=(near("instagram", f"{HEX}{{32}}"),),
        url="https://developers.facebook.com/docs/instagram-platform/",
        revoke="Delete the app secret in Instagram's settings, and make a new one.",
        examples=named("instagram", _KEY),
        near_misses=one_off("instagram", _KEY),
        judge="beside",
    ),
)
