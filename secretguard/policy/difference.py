"""What changes between two policies, in words: which cells, and whether it tightens, loosens or both."""

from __future__ import annotations

import dataclasses

from secretguard.policy.examples import expand
from secretguard.policy.request import OUTCOMES, Request
from secretguard.policy.table import Policy


@dataclasses.dataclass(frozen=True)
class Change:
    """One cell that is decided otherwise."""

    request: Request
    old: str
    new: str

    @property
    def tightens(self) -> bool:
        return OUTCOMES.index(self.new) > OUTCOMES.index(self.old)

    def __str__(self) -> str:
        r = self.request
        return f"{r.environment} {r.action} ({r.effect}, {r.data} data): {self.old} → {self.new}"


def changes(old: Policy, new: Policy) -> list[Change]:
    """The cells whose outcome differs, in the vocabulary's order. A reason alone is no change."""
    pairs = ((request, old.decide(request).outcome, new.decide(request).outcome) for request in expand("*/*/*/*"))
    return [Change(request, before, after) for request, before, after in pairs if before != after]


def direction(found: list[Change]) -> str:
    """`tightens`, `loosens`, `both`, or `changes no decision`."""
    kinds = {change.tightens for change in found}
    if not kinds:
        return "changes no decision"
    return "both tightens and loosens" if len(kinds) == 2 else "tightens" if True in kinds else "loosens"


def label_changes(old: dict[str, object], new: dict[str, object]) -> list[str]:
    """The patterns and defaults of the facts that came or went, one line each."""
    lines = []
    for section in old:
        before, after = dict(old[section]), dict(new[section])  # type: ignore[call-overload]
        for key in before:
            lines += _entry(f"{section}.{key}", before[key], after[key])
    return lines


def _entry(name: str, before: object, after: object) -> list[str]:
    if not isinstance(before, list) or not isinstance(after, list):
        return [f"{name}: {before} → {after}"] if before != after else []
    gone = [f"{name}: - {pattern}" for pattern in before if pattern not in after]
    return gone + [f"{name}: + {pattern}" for pattern in after if pattern not in before]
