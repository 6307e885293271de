"""Whose word counts for what."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.policy.owners import SIDES, Owners, agreed, owners_of
from broker.testing import flat_policy
from tests.broker.policy.sets import ADA, BOTH, ERIN, EVE, SAM, USER, files, quick

HELD = owners_of(quick(files()).rules)


def test_sides_by_subject_and_by_group() -> None:
    """Named people and members of a named group speak for their side; others for none."""
    assert HELD.sides(ERIN) == ("engineering",)
    assert HELD.sides(SAM) == ("security",)
    assert HELD.sides(BOTH) == ("engineering", "security")
    assert HELD.sides(ADA) == HELD.sides(EVE) == ()


def test_a_unix_peer_speaks_for_nobody() -> None:
    """Whatever the facts say: it proves no person."""
    assert Owners(("unix:1000", "unix:*"), ("unix:*",)).sides(USER) == ()


def test_a_policy_without_owners_has_none() -> None:
    """No table is no owner, also where the facts come from a program that knew of none."""
    assert owners_of(flat_policy()) == Owners()
    assert not owners_of(quick(files(owners="")).rules).of_both_sides


@pytest.mark.parametrize(
    ("votes", "loosening", "other"),
    [
        ({}, False, False),
        ({"x": ()}, False, False),
        ({"e": ("engineering",)}, False, True),
        ({"e": ("engineering",), "f": ("engineering",)}, False, True),
        ({"b": ("engineering", "security")}, False, True),
        ({"e": ("engineering",), "x": ()}, False, True),
        ({"e": ("engineering",), "s": ("security",)}, True, True),
        ({"b": ("engineering", "security"), "s": ("security",)}, True, True),
        ({"b": ("engineering", "security"), "c": ("engineering", "security")}, True, True),
    ],
)
def test_who_is_enough(votes: dict[str, tuple[str, ...]], loosening: bool, other: bool) -> None:
    """A loosening: two people, one for each side. Anything else: one owner."""
    assert agreed(True, votes) is loosening
    assert agreed(False, votes) is other


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.lists(st.sampled_from(SIDES), unique=True), max_size=6))
def test_enough_means_two_people_that_can_be_named(votes: dict[str, list[str]]) -> None:
    """Exactly when some person spoke for engineering and some other one for security."""
    pairs = itertools.permutations(votes, 2)
    assert agreed(True, votes) is any("engineering" in votes[a] and "security" in votes[b] for a, b in pairs)
