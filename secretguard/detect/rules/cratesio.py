"""crates.io: API tokens."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "cio" + made_up.alnum(32, "cratesio-api-token")

RULES = (
    Rule(
        id="cratesio-api-token",
        description="crates.io API token",
        patterns=(token("cio", ALNUM, 32),),
        url="https://doc.rust-lang.org/cargo/reference/publishing.html",
        revoke="Delete the API token in crates.io's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "cio" + "x" * 32),
        judge="random",
    ),
)
