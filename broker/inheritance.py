"""Task policies that extend another one: what they leave out they inherit, what they say may only be narrower. Pure.

A child that names its grants keeps those alone; each inherits what its table leaves out. Source, scope and the labels
(`environment`, `data`) say what a thing is, so they stay as they are. A field that has no row below must stay too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from broker.authenticate.pattern import covers
from broker.toml_file import Location

Table = dict[str, Any]
Fits = Callable[[Any, Any], bool]
"""(the child's value, the parent's) → whether the child's is as wide at most."""

MAX_DEPTH = 5
"""How many task policies may stand above one."""


def merged(child: Table, parent: Table) -> Table:
    """`child` with what it leaves out taken from `parent`, both as TOML gives them; `parent` is whole already."""
    whole = {**parent, **child}
    had = parent["grants"]
    own = child.get("grants", {name: {} for name in had})
    if not isinstance(own, dict):
        return whole
    whole["grants"] = {name: _grant(said, had.get(name, {}), whole["deadline"]) for name, said in own.items()}
    return whole


def _grant(said: Any, had: Table, deadline: Any) -> Any:
    """One grant's table; a life that is inherited ends with the task."""
    if not isinstance(said, dict):
        return said
    grant = {**had, **said}
    if had and "ttl" not in said and isinstance(deadline, int):
        grant["ttl"] = min(grant["ttl"], deadline)
    return grant


def wider(child: Mapping[str, Any], parent: Mapping[str, Any]) -> tuple[Location, str] | None:
    """The first field in which `child` is wider than `parent` and what the parent says there; None when it is narrower
    or the same throughout. Both are whole task policies, with every default."""
    for field, value in child.items():
        if field in _APART or value == parent[field]:
            continue
        if not _TASK.get(field, _same)(value, parent[field]):
            return (field,), _shown(parent[field])
    for name, grant in child["grants"].items():
        had = parent["grants"].get(name)
        if had is None:
            return ("grants", name), f"no such grant, but {', '.join(sorted(parent['grants']))}"
        for field, value in grant.items():
            if value != had[field] and not _GRANT.get(field, _same)(value, had[field]):
                return ("grants", name, field), _shown(had[field])
    return None


def _same(child: Any, parent: Any) -> bool:
    return bool(child == parent)


def _words(_child: Any, _parent: Any) -> bool:
    return True


def _less(child: int, parent: int) -> bool:
    return child <= parent


def _more(child: int, parent: int) -> bool:
    return child >= parent


def _capped(child: int, parent: int) -> bool:
    """0 is no cap."""
    return parent == 0 or 0 < child <= parent


def _implies(child: bool, parent: bool) -> bool:
    return parent or not child


def _delivery(child: str, parent: str) -> bool:
    return child == "inject" or parent == "socket"


def _parties(child: list[str], parent: list[str]) -> bool:
    return all(one in parent or f"{one.partition(':')[0]}:*" in parent for one in child)


def _places(child: list[str], parent: list[str]) -> bool:
    """No patterns at all mean everything."""
    return not parent or (bool(child) and all(any(covers(wide, one) for wide in parent) for one in child))


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in sorted(value.items())) or "none"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


_APART = ("name", "extends", "grants")
_TASK: Mapping[str, Fits] = {
    "description": _words,
    "deadline": _less,
    "launchers": _parties,
    "approvers": _parties,
    "repositories": _places,
    "branches": _places,
    "accept_stated": _implies,
    "max_children": _less,
}
_GRANT: Mapping[str, Fits] = {
    "description": _words,
    "ttl": _less,
    "uses": _capped,
    "max_leases": _less,
    "max_issues": _less,
    "rate": _capped,
    "approvals": _more,
    "delivery": _delivery,
    "reissue_on_exposure": _implies,
}
