"""Disqus: secret keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, named, near, one_off

_KEY = made_up.alnum(64, "disqus-secret-key")

RULES = (
    Rule(
        id="disqus-secret-key",
        description="Disqus secret key",
        patterns=(near("disqus", f"{ALNUM}{{64}}"),),
        url="https://disqus.com/api/docs/auth/",
        revoke="Delete the secret key in Disqus's settings, and make a new one.",
        examples=named("disqus", _KEY),
        near_misses=one_off("disqus", _KEY),
        judge="beside",
    ),
)
