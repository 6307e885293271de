"""Authress: service client access keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import Rule, shown, token

_KEY = "sc_" + made_up.alnum(22, "q") + ".ihwj.acc-0xd1a47h1rr0f." + made_up.alnum(30, "authress-access-key")

RULES = (
    Rule(
        id="authress-access-key",
        description="Authress service client access key",
        patterns=(
            token(
                r"(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.",
                "[A-Za-z0-9+/]",
                30,
                120,
            ),
        ),
        url="https://authress.io/knowledge-base/docs/authorization/service-clients",
        revoke="Delete the service client access key in Authress's settings, and make a new one.",
        examples=shown(_KEY),
        near_misses=(
            "sc_" + made_up.alnum(22, "q") + ".ihwj.acc-0xd1a47h1rr0f." + made_up.alnum(29, "short"),
            "sc_" + made_up.alnum(22, "q") + ".ihwj.acc-0xd1a47h1rr0f." + "x" * 30,
        ),
    ),
)
