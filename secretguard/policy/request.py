"""The question that policy answers, as closed enums: paths, hosts and commands become labels before they get here.

One request shape serves both halves. Hot path: imports nothing. The product of the sets below is the size of the
compiled table; `policy check` refuses more than 2,000 cells.
"""

from __future__ import annotations

ACTIONS = ("read", "write", "run", "push", "start_task", "issue")
"""read or write a file or tool result · run a command · push a commit to a protected path · start a broker task ·
issue a credential."""

EFFECTS = ("plain", "reveal", "destroy", "send", "opaque")
"""plain: nothing special · reveal: prints secret material · destroy: cannot be undone · send: data leaves the machine ·
opaque: the analysis could not tell what it does."""

ENVIRONMENTS = ("sandbox", "development", "staging", "production")

DATA = ("public", "internal", "secret", "customer")

OUTCOMES = ("allow", "ask", "two_persons", "deny")
"""The approval ladder: allowed with 0, 1 or 2 approvals, or not at all."""


class Request:
    """One proposed action in the closed vocabulary above. Raises ValueError for a value outside of it."""

    __slots__ = ("action", "data", "effect", "environment")

    def __init__(self, action: str, effect: str, environment: str, data: str) -> None:
        if action not in ACTIONS or effect not in EFFECTS or environment not in ENVIRONMENTS or data not in DATA:
            raise ValueError(f"not in the policy vocabulary: {action}/{effect}/{environment}/{data}")
        self.action = action
        self.effect = effect
        self.environment = environment
        self.data = data

    @property
    def cell(self) -> str:
        """The key of this request's cell in the compiled table, e.g. `run/reveal/development/secret`."""
        return f"{self.action}/{self.effect}/{self.environment}/{self.data}"


class Decision:
    """Outcome (one of OUTCOMES), the id of the deciding rule, its reason in words, and whether no rule spoke."""

    __slots__ = ("default", "outcome", "reason", "rule")

    def __init__(self, outcome: str, rule: str, reason: str, default: bool = False) -> None:
        self.outcome = outcome
        self.rule = rule
        self.reason = reason
        self.default = default

    def __repr__(self) -> str:
        return f"Decision({self.outcome!r}, rule={self.rule!r})"
