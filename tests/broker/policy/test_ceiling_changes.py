"""What a change of the ceilings means to those who have to agree to it."""

from __future__ import annotations

import dataclasses

import pytest

from broker.ceiling import Ceiling, Ceilings
from broker.policy.ceiling_changes import ceiling_changes
from broker.policy.difference import difference
from broker.policy.policy_set import PolicySet
from broker.testing import flat_policy
from secretguard.policy.change import together

ONE = Ceiling(("jwt:*",), "staging", "internal", ttl=60, sources=frozenset({"a", "b"}), max_tasks=3, names=("one",))
TWO = dataclasses.replace(ONE, names=("two",))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ({}, {"one": ONE}, "tightens"),
        ({"one": ONE}, {}, "loosens"),
        ({"one": ONE}, {"one": ONE, "two": TWO}, "both"),
        ({"one": ONE, "two": TWO}, {"one": ONE}, "both"),
        ({"one": ONE}, {"one": ONE}, "same"),
    ],
)
def test_ceilings_that_come_and_go(old: dict[str, Ceiling], new: dict[str, Ceiling], word: str) -> None:
    """The first binds everybody, the last one's end frees everybody, between them both things happen."""
    assert together(one.ways for one in ceiling_changes(old, new)).word == word


@pytest.mark.parametrize(
    ("field", "lower", "higher"),
    [
        ("environment", "development", "staging"),
        ("data", "internal", "customer"),
        ("ttl", 60, 61),
        ("ttl", 60, 0),
        ("max_tasks", 3, 0),
        ("sources", frozenset({"a"}), frozenset({"a", "b"})),
        ("sources", frozenset({"a"}), None),
    ],
)
def test_each_field_in_both_directions(field: str, lower: object, higher: object) -> None:
    """More is looser, less is tighter; no cap is the most."""
    low, high = (dataclasses.replace(ONE, **{field: value}) for value in (lower, higher))  # type: ignore[arg-type]
    (up,) = ceiling_changes({"one": low}, {"one": high})
    (down,) = ceiling_changes({"one": high}, {"one": low})
    assert (up.ways.word, down.ways.word) == ("loosens", "tightens")
    assert up.text.startswith(f"ceilings: one: {field}: ")


def test_other_launchers_and_other_sources_go_both_ways() -> None:
    """Some are let in or bound anew, others no longer."""
    for changes in ({"launchers": ("unix:*",)}, {"sources": frozenset({"c"})}):
        (change,) = ceiling_changes({"one": ONE}, {"one": dataclasses.replace(ONE, **changes)})
        assert change.ways.word == "both"


def test_it_is_part_of_what_a_policy_changes() -> None:
    """A proposal that only raises a ceiling loosens; approvals are bound to the ceilings too."""
    old, new = (
        PolicySet("", flat_policy(), {}, Ceilings({"one": dataclasses.replace(ONE, ttl=ttl)}, str(ttl)))
        for ttl in (60, 90)
    )
    assert difference(old, new).kind == "loosens"
    assert old.decided_under("work") != new.decided_under("work")
