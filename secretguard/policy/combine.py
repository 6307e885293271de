"""Layers → one table: the strictest of the base and what only tightens it. Not on the hot path: imports Cedar.

1. compile each layer by itself   2. cells: the strictest outcome, the higher layer's where two agree   3. labels: the
base's and, beside them, the others'   4. while observing: what is enforced nevertheless, as cells of their own
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Container, Sequence

from secretguard.errors import ConfigError
from secretguard.policy import facts as facts_file
from secretguard.policy.cedar import Rule, enumerate_cells, forbidding, rules_of
from secretguard.policy.request import OUTCOMES, Decision
from secretguard.policy.source import FACTS, ORGANISATION, REPOSITORY, RULES, Source, text_of
from secretguard.policy.table import CELLS, LOOSENING, STRICTEST_DATA, STRICTEST_ENVIRONMENT

MOST_PATTERNS, MOST_RULES, MOST_TEXT = 200, 100, 16 * 1024
"""Of a layer that comes with a repository (patterns, rules, bytes of rules): whoever cloned it did not write them, and
every hook pays. Cedar's time grows with the text: at most a few seconds for this much."""

NOTHING = Decision("allow", "nothing-forbids", "No rule here forbids it.")
OBSERVED = Decision("allow", "observed", "Observed: nothing is refused until the trial ends.")
_STRICTEST = {"environment": STRICTEST_ENVIRONMENT, "data": STRICTEST_DATA}
Facts = dict[str, dict[str, object]]


@dataclasses.dataclass(frozen=True, slots=True)
class Compiled:
    """One layer by itself. `mandatory` are the decisions that stand while it is observed, one a cell."""

    name: str
    decisions: tuple[Decision, ...]
    mandatory: tuple[Decision, ...]
    facts: Facts
    notes: tuple[str, ...] = ()


def compile_base(source: Source) -> Compiled:
    """The layer that everything else tightens. Raises ConfigError (file:line)."""
    rules_name, facts_name = (_name(source, file) for file in (RULES, FACTS))
    text = text_of(source.rules or b"", rules_name)
    decisions = _decisions(text, rules_name)
    facts = _facts(source, facts_name, partial=False)
    return Compiled(source.name, decisions, _mandatory(source, text, facts), facts)


def compile_tightening(source: Source) -> Compiled:
    """A layer below the base: its forbids and its stricter labels; what would loosen becomes a note with its line.

    Raises ConfigError (file:line) where it cannot be read: half a layer is none.
    """
    rules_name, facts_name = (_name(source, file) for file in (RULES, FACTS))
    decisions, notes = (NOTHING,) * CELLS, []
    if source.rules is not None:
        text = text_of(source.rules, rules_name)
        if source.name == REPOSITORY and len(source.rules) > MOST_TEXT:
            raise ConfigError(
                f"{rules_name}:1: more than {MOST_TEXT} bytes of rules in a repository", "use fewer rules"
            )
        rules = rules_of(text, rules_name)
        if source.name == REPOSITORY and len(rules) > MOST_RULES:
            raise ConfigError(f"{rules_name}:{rules[MOST_RULES].line}: more than {MOST_RULES} rules in a repository")
        notes += _permits(rules, rules_name)
        decisions = tuple(_named(d, source.name) for d in _decisions(forbidding(text, rules), rules_name))
    facts = _facts(source, facts_name, partial=True)
    if source.name == REPOSITORY:
        _few(facts, facts_name)
    notes += _loosening(facts, text_of(source.facts or b"", facts_name), facts_name)
    return Compiled(source.name, decisions, decisions, facts, tuple(notes))


def by_itself(source: Source) -> dict[str, object]:
    """The document of a layer as its own examples see it: as it is written where it permits anything; else what it
    forbids, and everything else allowed. Raises ConfigError (file:line)."""
    name = _name(source, RULES)
    text = text_of(source.rules or b"", name)
    rules = rules_of(text, name) if source.rules is not None else []
    decisions = (NOTHING,) * CELLS
    if rules:
        whole = any(rule.permits for rule in rules)
        decisions = _decisions(text if whole else forbidding(text, rules), name)
    return combine(Compiled("", decisions, decisions, _facts(source, _name(source, FACTS), partial=True)), ())


def combine(base: Compiled, tightening: Sequence[Compiled]) -> dict[str, object]:
    """The document of a compiled table: decisions, cells, held cells, facts and raised labels."""
    layers = (base, *tightening)
    cells = [_strictest(cell) for cell in zip(*(layer.decisions for layer in layers), strict=True)]
    lifted = base.facts["observe"]["until"] and base.name == ORGANISATION
    enforced = (base.mandatory, *(() if lifted else (layer.decisions for layer in tightening)))
    held = [_strictest(cell) for cell in zip(*enforced, strict=True)] if base.facts["observe"]["until"] else []
    numbers: dict[tuple[str, str, bool], int] = {}
    distinct: list[Decision] = []
    for decision in (*cells, *held):
        if numbers.setdefault(_key(decision), len(distinct)) == len(distinct):
            distinct.append(decision)
    return {
        "decisions": [[d.outcome, d.rule, d.reason, d.default] for d in distinct],
        "cells": [numbers[_key(decision)] for decision in cells],
        "held": [numbers[_key(decision)] for decision in held],
        "facts": _merged(base.facts, [layer.facts for layer in tightening]),
        "raised": _raised(base.facts, [layer.facts for layer in tightening]),
    }


def notes(base: Compiled, tightening: Sequence[Compiled]) -> list[str]:
    """What the layers below the base say without effect, because it would loosen; each with its line."""
    found: list[str] = []
    for layer in tightening:
        found += layer.notes
        for section, strictest in _STRICTEST.items():
            own, above = (str(facts[section]["default"]) for facts in (layer.facts, base.facts))
            if own and strictest.index(own) > strictest.index(above):
                found.append(f"{layer.name}: {section}.default = {own} is laxer than {above}, so it does not count")
    return found


def _key(decision: Decision) -> tuple[str, str, bool]:
    return decision.outcome, decision.rule, decision.default


def _strictest(cell: Sequence[Decision]) -> Decision:
    """The first of the strictest: where two layers say the same, the higher one's words are heard."""
    return max(cell, key=lambda decision: OUTCOMES.index(decision.outcome))


def _name(source: Source, file: str) -> str:
    return os.path.join(source.place, file)


def _decisions(text: str, name: str) -> tuple[Decision, ...]:
    decisions, cells = enumerate_cells(text, name)
    return tuple(decisions[cell] for cell in cells)


def _named(decision: Decision, layer: str) -> Decision:
    """A rule of a layer below the base carries the layer's name: two layers may use one id."""
    return Decision(decision.outcome, f"{layer}/{decision.rule}", decision.reason, decision.default)


def _facts(source: Source, name: str, partial: bool) -> Facts:
    text = text_of(source.facts, name) if source.facts is not None else "version = 1\n"
    return facts_file.parse(text, name, partial)  # type: ignore[return-value]  # sections are tables


def _mandatory(source: Source, text: str, facts: Facts) -> tuple[Decision, ...]:
    """What is enforced while this layer is observed. Raises ConfigError for a name that no forbid has."""
    wanted: list[str] = facts["observe"]["mandatory"]  # type: ignore[assignment]
    name = _name(source, RULES)
    rules = rules_of(text, name)
    for rule in wanted:
        if rule != facts_file.SECRETS and not any(r.id == rule and not r.permits for r in rules):
            line = facts_file.line_of(text_of(source.facts or b"", name), "observe", "mandatory", f'"{rule}"')
            raise ConfigError(
                f"{_name(source, FACTS)}:{line}: observe.mandatory: no rule {rule} of rules.cedar forbids anything",
                f"name a rule that forbids, or {facts_file.SECRETS!r}",
            )
    if not facts["observe"]["until"] or not wanted:
        return (OBSERVED,) * CELLS
    held = _decisions(forbidding(text, rules, _only(wanted)), name)
    return tuple(OBSERVED if decision.outcome == "allow" else decision for decision in held)


def _only(wanted: Sequence[str]) -> Container[str]:
    return frozenset(wanted)


def _permits(rules: Sequence[Rule], name: str) -> list[str]:
    return [
        f"{name}:{rule.line}: {rule.id} permits: this layer can only tighten, so the rule does not count"
        for rule in rules
        if rule.permits
    ]


def _few(facts: Facts, name: str) -> None:
    patterns = [value for table in facts.values() for value in table.values() if isinstance(value, list)]
    count = sum(map(len, patterns))
    if count > MOST_PATTERNS:
        raise ConfigError(f"{name}:1: {count} patterns, more than {MOST_PATTERNS} in a repository", "use ** instead")


def _loosening(facts: Facts, text: str, name: str) -> list[str]:
    """What a layer below the base says that could only loosen, each with its line."""
    found = []
    for section, key in (("environment", LOOSENING[0]), ("data", LOOSENING[1])):
        if facts[section][key]:
            found.append((section, key, "the laxest label"))
    for section in ("observe", "owners", "repository"):
        found += [(section, key, f"[{section}] is the base's alone") for key, value in facts[section].items() if value]
    return [
        f"{name}:{facts_file.line_of(text, section, key)}: {section}.{key}: {why}: this layer can only tighten, so it"
        " does not count"
        for section, key, why in found
    ]


def _merged(base: Facts, others: Sequence[Facts]) -> Facts:
    """The base's facts with the others' production and protected paths and hosts added."""
    merged = {section: dict(table) for section, table in base.items()}
    for facts in others:
        for section in ("production", "protected", "hosts"):
            for key, patterns in facts[section].items():
                merged[section][key] = list(dict.fromkeys([*merged[section][key], *patterns]))  # type: ignore[misc]
    return merged


def _raised(base: Facts, others: Sequence[Facts]) -> dict[str, dict[str, list[str]]]:
    """Section → label → patterns that give a path that label beside the base's, and `default` → the labels that an
    unlabelled path carries beside the base's default."""
    raised: dict[str, dict[str, list[str]]] = {}
    for section, strictest in _STRICTEST.items() if others else ():
        stricter = strictest[: strictest.index(str(base[section]["default"]))]
        raised[section] = {
            label: list(dict.fromkeys(pattern for facts in others for pattern in facts[section][label]))  # type: ignore[attr-defined]
            for label in strictest[:-1]
        }
        stated = [str(facts[section]["default"]) for facts in others]
        raised[section]["default"] = [label for label in stricter if label in stated]
    return raised
