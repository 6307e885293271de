"""What a change of the facts means: for each label that comes or goes, where paths and hosts can end up by it.

A path carries every label that has a pattern for it, else the default, and what is decided is the strictest decision
about any of them. So a pattern that is added loosens only what had the default; one that is taken away leaves its paths
with any of the other labels, or with the default. Each such move is judged by asking the proposed rules about both ends
of it: no order of labels is taken for granted. What is not understood loosens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from secretguard.policy.change import LOOSENS, SAME, TIGHTENS, Change, Ways, larger, together
from secretguard.policy.examples import expand
from secretguard.policy.request import OUTCOMES
from secretguard.policy.table import LOOSENING, STRICTEST_DATA, STRICTEST_ENVIRONMENT, Policy

ENVIRONMENT, DATA = "environment", "data"
_AXES = {ENVIRONMENT: STRICTEST_ENVIRONMENT, DATA: STRICTEST_DATA}
_TIGHTER_WITH_MORE = ("production", "protected")
_FAMILIAR_HOSTS = (*LOOSENING, "development")

Table = Mapping[str, object]
Raised = Mapping[str, Mapping[str, list[str]]]


def label_changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Every pattern, default and owner that came or went; last what the layers below the base say."""
    for section in dict.fromkeys([*old.facts, *new.facts]):
        before, after = old.facts.get(section), new.facts.get(section)
        if before == after:
            continue
        if section in _AXES and isinstance(before, dict) and isinstance(after, dict):
            yield from _labels(section, before, after, new)
            yield from _rest(section, before, after, ("default", *_AXES[section]))
        elif section == "hosts" and isinstance(before, dict) and isinstance(after, dict):
            yield from _hosts(before, after, new)
            yield from _rest(section, before, after, STRICTEST_ENVIRONMENT)
        elif section in _TIGHTER_WITH_MORE and isinstance(before, dict) and isinstance(after, dict):
            yield from _paths(section, before, after)
            yield from _rest(section, before, after, ("paths",))
        elif section == "observe" and isinstance(before, dict) and isinstance(after, dict):
            yield from _observe(before, after)
            yield from _rest(section, before, after, ("until", "mandatory"))
        else:
            yield from (Change(LOOSENS, text) for text in _came_and_went(section, before, after))
    yield from _raised(old.raised, new.raised)


def _raised(before: Raised, after: Raised) -> Iterator[Change]:
    """A label more, from a layer below the base, is one more that the strictest decision is taken from."""
    for section in dict.fromkeys([*before, *after]):
        old, new = before.get(section, {}), after.get(section, {})
        for label in dict.fromkeys([*old, *new]):
            yield from _more_is_tighter(f"{section}.{label}, by a layer", old.get(label, []), new.get(label, []))


def moved(axis: str, source: str, target: str, policy: Policy) -> Ways:
    """What becomes of requests whose label on `axis` turns from `source` into `target`, under `policy`."""
    pattern = "*/*/{}/*" if axis == ENVIRONMENT else "*/*/*/{}"
    pairs = zip(expand(pattern.format(source)), expand(pattern.format(target)), strict=True)
    # fewer rights are a larger outcome
    ways = together(larger(_rank(policy, after), _rank(policy, before)) for before, after in pairs)
    # the guard looks harder at what is labelled secret, whatever the rules then say
    return ways | LOOSENS if (axis, source) == (DATA, "secret") and target != source else ways


def _rank(policy: Policy, request: object) -> int:
    return OUTCOMES.index(policy.decide(request).outcome)  # type: ignore[arg-type]


def _labels(axis: str, before: Table, after: Table, new: Policy) -> Iterator[Change]:
    defaults = {str(before["default"]), str(after["default"])}
    if len(defaults) == 2:
        ways = moved(axis, str(before["default"]), str(after["default"]), new)
        yield Change(ways, f"{axis}.default: {before['default']} → {after['default']}")
    used = {one for one in _AXES[axis] if before[one] or after[one]}
    for label in _AXES[axis]:
        added, gone = _came(before[label], after[label]), _came(after[label], before[label])
        beside, instead = used - {label}, defaults - {label}
        into = together(moved(axis, one, label, new) for one in instead)
        into |= Ways(tightens=any(moved(axis, one, label, new).tightens for one in beside)) | _for_secrets(axis, label)
        yield from (Change(into, f"{axis}.{label}: + {pattern}") for pattern in added)
        out = together(moved(axis, label, one, new) for one in beside | instead) | _out_of(axis, label, beside)
        yield from (Change(out, f"{axis}.{label}: - {pattern}") for pattern in gone)


def _for_secrets(axis: str, label: str) -> Ways:
    """The guard lets a secret be written into a file that is labelled secret, whatever the rules say."""
    return LOOSENS if (axis, label) == (DATA, "secret") else SAME


def _out_of(axis: str, label: str, beside: set[str]) -> Ways:
    """Customer data is no place for secrets, even where the file is labelled secret as well."""
    return LOOSENS if (axis, label) == (DATA, "customer") and "secret" in beside else SAME


def _hosts(before: Table, after: Table, new: Policy) -> Iterator[Change]:
    """A host only ever raises the project's own environment; one without a label leaves it as it is. To be listed as a
    place of everyday work is taken for a loosening all the same."""
    for at, label in enumerate(STRICTEST_ENVIRONMENT):
        weaker = STRICTEST_ENVIRONMENT[at + 1 :]
        into = together(moved(ENVIRONMENT, one, label, new) for one in weaker)
        into |= LOOSENS if label in _FAMILIAR_HOSTS else TIGHTENS
        out = together(moved(ENVIRONMENT, label, one, new) for one in weaker)
        out |= TIGHTENS if label in _FAMILIAR_HOSTS else LOOSENS
        yield from (Change(into, f"hosts.{label}: + {host}") for host in _came(before[label], after[label]))
        yield from (Change(out, f"hosts.{label}: - {host}") for host in _came(after[label], before[label]))


def _paths(section: str, before: Table, after: Table) -> Iterator[Change]:
    yield from _more_is_tighter(f"{section}.paths", before["paths"], after["paths"])


def _observe(before: Table, after: Table) -> Iterator[Change]:
    """While a policy is observed the guard refuses nothing but what is mandatory: an earlier end is tighter."""
    old, new = str(before["until"]), str(after["until"])
    if old != new:
        sooner = not new or (bool(old) and new < old)
        yield Change(TIGHTENS if sooner else LOOSENS, f"observe.until: {old or 'never'} → {new or 'never'}")
    yield from _more_is_tighter("observe.mandatory", before["mandatory"], after["mandatory"])


def _more_is_tighter(name: str, old: object, new: object) -> Iterator[Change]:
    yield from (Change(TIGHTENS, f"{name}: + {one}") for one in _came(old, new))
    yield from (Change(LOOSENS, f"{name}: - {one}") for one in _came(new, old))


def _rest(section: str, before: Table, after: Table, known: tuple[str, ...]) -> Iterator[Change]:
    """Keys of a section that nothing here understands."""
    old, new = ({key: value for key, value in table.items() if key not in known} for table in (before, after))
    if old != new:
        yield from (Change(LOOSENS, text) for text in _came_and_went(section, old, new))


def _came(old: object, new: object) -> list[object]:
    """What is in `new` and was not in `old`, both lists."""
    had = list(old) if isinstance(old, Iterable) else []
    return [one for one in new if one not in had] if isinstance(new, Iterable) else []


def _came_and_went(name: str, before: object, after: object) -> Iterator[str]:
    """Any value, as lines."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            if before.get(key) != after.get(key):
                yield from _came_and_went(f"{name}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from (f"{name}: - {one}" for one in _came(after, before))
        yield from (f"{name}: + {one}" for one in _came(before, after))
    else:
        yield f"{name}: {before} → {after}"
