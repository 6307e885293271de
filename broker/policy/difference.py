"""From one policy to another: everything that is otherwise, in words, loosenings first; and which way it all goes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from broker.policy.ceiling_changes import ceiling_changes
from broker.policy.policy_set import PolicySet
from broker.policy.task_changes import task_changes
from secretguard.policy.change import LOOSENS, SAME, TIGHTENS, Change, Ways, together
from secretguard.policy.difference import changes
from secretguard.policy.examples import expand
from secretguard.policy.labels import label_changes
from secretguard.policy.request import OUTCOMES, Decision
from secretguard.policy.table import Policy

_KNOWN = ("outcome", "rule", "reason", "default")


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """`kind` is `tightens`, `loosens`, `both` or `same` (no request is decided otherwise)."""

    kind: str
    changes: tuple[Change, ...]


def difference(old: PolicySet, new: PolicySet) -> Difference:
    """What changes when `new` takes the place of `old`."""
    found = [
        *(Change(TIGHTENS if one.tightens else LOOSENS, str(one)) for one in changes(old.rules, new.rules)),
        *_otherwise(old.rules, new.rules),
        *_observed(old.rules, new.rules),
        *label_changes(old.rules, new.rules),
        *task_changes(old.tasks, new.tasks, new.rules),
        *ceiling_changes(old.ceilings.by_name, new.ceilings.by_name),
    ]
    kind = together(one.ways for one in found).word
    return Difference(kind, tuple(sorted(found, key=lambda one: (not one.ways.loosens, not one.ways.tightens))))


def _otherwise(old: Policy, new: Policy) -> Iterator[Change]:
    """Cells that are decided as before, by another rule, in other words, or with something that is not known here."""
    for text, ways in dict.fromkeys(_decisions(old, new)):
        yield Change(ways, text)


def _observed(old: Policy, new: Policy) -> Iterator[Change]:
    """What stands while a policy is observed hangs on the ids of its rules: another id, and the same rule is no longer
    mandatory."""
    if not (old.observe_until and new.observe_until):  # that one began or ended to be observed is told by its date
        return
    for request in expand("*/*/*/*"):
        before, after = (OUTCOMES.index(policy.enforced(request).outcome) for policy in (old, new))
        if before != after:
            text = f"while observed, {request.cell}: {OUTCOMES[before]} → {OUTCOMES[after]}"
            yield Change(TIGHTENS if after > before else LOOSENS, text)


def _decisions(old: Policy, new: Policy) -> Iterator[tuple[str, Ways]]:
    for request in expand("*/*/*/*"):
        before, after = old.decide(request), new.decide(request)
        if _unknown(before) != _unknown(after):
            yield f"{request.cell}: {_unknown(before)} → {_unknown(after)}", LOOSENS
        elif before.outcome == after.outcome and before.rule != after.rule:
            yield f"rule {before.rule} gives way to {after.rule}, with the same outcome", SAME
        elif before.outcome == after.outcome and before.reason != after.reason:
            yield f"rule {after.rule} says it in other words", SAME


def _unknown(decision: Decision) -> dict[str, object]:
    """What a decision carries beyond what is compared above."""
    return {name: getattr(decision, name) for name in type(decision).__slots__ if name not in _KNOWN}
