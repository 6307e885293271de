"""ImageKit: private keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import WORD, Rule, named, near, one_off

_KEY = made_up.alnum(36, "imagekit-private-key")

RULES = (
    Rule(
        id="imagekit-private-key",
        description="ImageKit private key",
        patterns=(near("imagekit", f"{WORD}{{36}}"),),
        url="https://imagekit.io/docs/api-keys",
        revoke="Delete the private key in ImageKit's settings, and make a new one.",
        examples=named("imagekit", _KEY),
        near_misses=one_off("imagekit", _KEY),
        judge="beside",
    ),
)
