"""What a change of the task policies means, field by field. A field that has no row here loosens when it changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping

from broker.authenticate.pattern import covers
from broker.grant import Grant
from broker.task_policy import TaskPolicy
from secretguard.policy.change import LOOSENS, SAME, TIGHTENS, Change, Ways, larger, together
from secretguard.policy.labels import DATA, ENVIRONMENT, moved
from secretguard.policy.table import Policy

Judge = Callable[[object, object, Policy], Ways]


def task_changes(old: Mapping[str, TaskPolicy], new: Mapping[str, TaskPolicy], rules: Policy) -> Iterator[Change]:
    """Every task policy that came, went or is otherwise; labels are judged under the proposed `rules`."""
    for name in sorted({*old, *new}):
        if name not in new:
            yield Change(TIGHTENS, f"tasks/{name}: removed")
        elif name not in old:
            yield from _whole(new[name])
        else:
            yield from _fields(f"tasks/{name}", old[name], new[name], _TASK, rules)
            yield from _grants(f"tasks/{name}", old[name], new[name], rules)


def _whole(task: TaskPolicy) -> Iterator[Change]:
    said = f"{task.environment}, {task.deadline} s, launchers {', '.join(task.launchers)}"
    yield Change(LOOSENS, f"tasks/{task.name}: new: {said}, approvers {', '.join(task.approvers)}")
    yield from (Change(LOOSENS, f"tasks/{task.name}: {_grant(grant)}") for grant in task.grants)


def _grants(where: str, old: TaskPolicy, new: TaskPolicy, rules: Policy) -> Iterator[Change]:
    had = {grant.name: grant for grant in old.grants}
    has = {grant.name: grant for grant in new.grants}
    yield from (Change(TIGHTENS, f"{where}: grant {name} removed") for name in had if name not in has)
    for name, grant in has.items():
        if name in had:
            yield from _fields(f"{where}: {name}", had[name], grant, _GRANT, rules)
        else:
            yield Change(LOOSENS, f"{where}: {_grant(grant)}")


def _grant(grant: Grant) -> str:
    scope = " ".join(f"{name}={value}" for name, value in sorted(grant.scope.items()))
    limits = f"{grant.ttl} s, {grant.max_leases} at once, {grant.max_issues} in all, {grant.approvals} approvals"
    return f"new grant {grant.name}: {grant.source} {scope}, {grant.data} data, {limits}"


def _fields(
    where: str, old: TaskPolicy | Grant, new: TaskPolicy | Grant, judges: Mapping[str, Judge], rules: Policy
) -> Iterator[Change]:
    for field in dataclasses.fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after and field.name not in _APART:
            ways = judges.get(field.name, _loosens)(before, after, rules)
            yield Change(ways, f"{where}: {field.name}: {_shown(before)} → {_shown(after)}")


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name}={one}" for name, one in sorted(value.items())) or "none"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _loosens(_before: object, _after: object, _rules: Policy) -> Ways:
    return LOOSENS


def _words(_before: object, _after: object, _rules: Policy) -> Ways:
    return SAME


def _more(before: object, after: object, _rules: Policy) -> Ways:
    return larger(int(str(before)), int(str(after)))


def _fewer(before: object, after: object, _rules: Policy) -> Ways:
    return larger(int(str(after)), int(str(before)))


def _permitted(before: object, after: object, _rules: Policy) -> Ways:
    return larger(int(bool(before)), int(bool(after)))


def _delivery(_before: object, after: object, _rules: Policy) -> Ways:
    """What is for injection alone goes to fewer places."""
    return TIGHTENS if after == "inject" else LOOSENS


def _uses(before: object, after: object, _rules: Policy) -> Ways:
    """0 is no cap."""
    return larger(int(str(before)) or 2**63, int(str(after)) or 2**63)


def _environment(before: object, after: object, rules: Policy) -> Ways:
    return moved(ENVIRONMENT, str(before), str(after), rules)


def _data(before: object, after: object, rules: Policy) -> Ways:
    return moved(DATA, str(before), str(after), rules)


def _parties(before: object, after: object, _rules: Policy) -> Ways:
    """Patterns of callers: more of them are more rights, unless one that was there means them already."""
    had, has = _patterns(before), _patterns(after)
    more = any(not _means(had, one) for one in has)
    fewer = any(not _means(has, one) for one in had)
    return together([LOOSENS if more else SAME, TIGHTENS if fewer else SAME])


def _places(before: object, after: object, _rules: Policy) -> Ways:
    """Patterns of names, none of which means all of them."""
    had, has = _patterns(before) or ("**",), _patterns(after) or ("**",)
    more = any(not any(covers(wide, one) for wide in had) for one in has)
    fewer = any(not any(covers(wide, one) for wide in has) for one in had)
    return together([LOOSENS if more else SAME, TIGHTENS if fewer else SAME])


def _patterns(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, Iterable) else ()


def _means(patterns: tuple[str, ...], one: str) -> bool:
    return one in patterns or f"{one.partition(':')[0]}:*" in patterns


_APART = ("name", "digest", "grants", "text")
_TASK: Mapping[str, Judge] = {
    "environment": _environment,
    "deadline": _more,
    "launchers": _parties,
    "approvers": _parties,
    "description": _words,
    "repositories": _places,
    "branches": _places,
    "accept_stated": _permitted,
    "max_children": _more,
}
_GRANT: Mapping[str, Judge] = {
    "ttl": _more,
    "data": _data,
    "uses": _uses,
    "rate": _uses,
    "max_leases": _more,
    "max_issues": _more,
    "approvals": _fewer,
    "reissue_on_exposure": _permitted,
    "delivery": _delivery,
    "description": _words,
}
