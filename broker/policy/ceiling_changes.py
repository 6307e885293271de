"""What a change of the ceilings means. A field that has no row here loosens when it changes.

Where there are ceilings, whoever has none starts nothing. So the first ceiling tightens; one more lets its launchers in
and binds those who were in; one less does the opposite, and without any nobody is bound any more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

from broker.ceiling import Ceiling
from secretguard.policy.change import LOOSENS, TIGHTENS, Change, Ways, larger
from secretguard.policy.request import DATA, ENVIRONMENTS

BOTH = LOOSENS | TIGHTENS


def ceiling_changes(old: Mapping[str, Ceiling], new: Mapping[str, Ceiling]) -> Iterator[Change]:
    """Every ceiling that came, went or is otherwise."""
    for name in sorted({*old, *new}):
        if name not in old:
            yield Change(BOTH if old else TIGHTENS, f"ceilings: new: {name}: {_all(new[name])}")
        elif name not in new:
            yield Change(BOTH if new else LOOSENS, f"ceilings: removed: {name}: {_all(old[name])}")
        else:
            yield from _fields(name, old[name], new[name])


def _fields(name: str, old: Ceiling, new: Ceiling) -> Iterator[Change]:
    for field in dataclasses.fields(Ceiling):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after and field.name != "names":
            ways = _JUDGES[field.name](before, after) if field.name in _JUDGES else LOOSENS
            yield Change(ways, f"ceilings: {name}: {field.name}: {_shown(before)} → {_shown(after)}")


def _all(one: Ceiling) -> str:
    limits = [f"{one.environment}, {one.data} data", f"launchers {_shown(one.launchers)}"]
    limits += [f"{one.ttl} s"] if one.ttl else []
    limits += [f"sources {_shown(one.sources)}"] if one.sources is not None else []
    return ", ".join([*limits, *([f"{one.max_tasks} tasks at once"] if one.max_tasks else [])])


def _shown(value: object) -> str:
    if value is None:
        return "any"
    return ", ".join(sorted(map(str, value))) if isinstance(value, (tuple, frozenset)) else str(value or "no cap")


def _cap(before: int, after: int) -> Ways:
    return larger(before or 2**63, after or 2**63)


def _sources(before: frozenset[str] | None, after: frozenset[str] | None) -> Ways:
    more = after is None or (before is not None and bool(after - before))
    fewer = before is None or (after is not None and bool(before - after))
    return Ways(tightens=fewer, loosens=more)


_JUDGES: Mapping[str, Callable[..., Ways]] = {
    "environment": lambda before, after: larger(ENVIRONMENTS.index(before), ENVIRONMENTS.index(after)),
    "data": lambda before, after: larger(DATA.index(before), DATA.index(after)),
    "ttl": _cap,
    "max_tasks": _cap,
    "sources": _sources,
    "launchers": lambda *_: BOTH,
}
