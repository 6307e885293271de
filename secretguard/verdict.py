"""What was decided about one action: a value with its reason, never an exception. Hot path: imports nothing."""

from __future__ import annotations

ALLOW = "allow"
REDACT = "redact"
ASK = "ask"
DENY = "deny"


class Verdict:
    """Outcome (allow, redact, ask or deny), the reason in words, and the id of the rule that made it.

    The reason of a denial names a way on. `default` is True where no rule spoke and the default decided.
    """

    __slots__ = ("default", "outcome", "reason", "rule")

    def __init__(self, outcome: str, reason: str, rule: str, default: bool = False) -> None:
        self.outcome = outcome
        self.reason = reason
        self.rule = rule
        self.default = default

    def __repr__(self) -> str:
        return f"Verdict({self.outcome!r}, rule={self.rule!r}, reason={self.reason!r})"
