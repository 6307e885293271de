"""Modal: token secrets."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import ALNUM, Rule, shown, token

_KEY = "as-" + made_up.alnum(22, "modal-token-secret")

RULES = (
    Rule(
        id="modal-token-secret",
        description="Modal token secret",
        patterns=(token("as-", ALNUM, 22),),
        url="https://modal.com/docs/reference/modal.config",
        revoke="Delete the token secret in Modal's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(_KEY[:-1], "as-" + "x" * 22),
        judge="random",
    ),
)
