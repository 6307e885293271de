"""The identity value: stable ids, and no name that could pass for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.identity import MAX_NAME, Identity
from broker.errors import Unauthenticated

ISSUER = "https://ci.example:8443"
names = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=20).filter(
    lambda name: not name.startswith("group:")
)


def test_ids_are_stable_text() -> None:
    """The two kinds of id, as records and policies spell them."""
    assert Identity("unix", "1000").id == "unix:1000"
    assert Identity("jwt", "alice", ISSUER).id == f"jwt:{ISSUER}:alice"


def test_groups_do_not_make_another_caller() -> None:
    """Two tokens of one person with different groups are one identity."""
    assert Identity("jwt", "alice", ISSUER, ("a",)).id == Identity("jwt", "alice", ISSUER, ("b",)).id


@pytest.mark.parametrize("name", ["", "x" * (MAX_NAME + 1), "a\nb", "a\0b", "a\x1b[31m", "\u202eecila", "group:admins"])
def test_a_subject_that_could_mislead_is_refused(name: str) -> None:
    """Empty, oversized, unprintable and group-like subjects are nobody."""
    with pytest.raises(Unauthenticated):
        Identity("jwt", name, ISSUER)


def test_patterns_of_a_launcher_list() -> None:
    """Every pattern form matches what it names and nothing else."""
    alice = Identity("jwt", "alice", ISSUER, ("dev",))
    me = Identity("unix", "1000")
    assert alice.matches(f"jwt:{ISSUER}:alice")
    assert alice.matches(f"jwt:{ISSUER}:group:dev")
    assert alice.matches("jwt:*")
    assert me.matches("unix:1000")
    assert me.matches("unix:*")
    for pattern in (f"jwt:{ISSUER}:group:ops", f"jwt:{ISSUER}:bob", "unix:*", "unix:alice", "jwt:dev", "*", ""):
        assert not alice.matches(pattern)
    for pattern in ("unix:100", "unix:10000", "jwt:*", "unix:", "*"):
        assert not me.matches(pattern)


def test_a_unix_peer_has_no_groups_to_match() -> None:
    """A group pattern is a JWT's alone."""
    assert not Identity("unix", "1", groups=("dev",)).matches("jwt::group:dev")


@given(names, names, st.lists(names, max_size=3))
def test_a_subject_never_matches_a_group_pattern(subject: str, group: str, groups: list[str]) -> None:
    """No subject, however chosen, stands in for membership of a group."""
    who = Identity("jwt", subject, ISSUER, tuple(groups))
    assert who.matches(f"jwt:{ISSUER}:group:{group}") == (group in groups)


def test_only_a_token_can_speak_for_a_person() -> None:
    """A uid says *some process of this user*, which the agent is as well."""
    assert Identity("jwt", "alice", ISSUER).may_be_person
    assert not Identity("unix", "1000").may_be_person
    assert not Identity("spiffe", "example.org/ci").may_be_person
    assert not Identity("jwt", "repo:acme/shop", ISSUER, person=False).may_be_person


def test_a_subject_may_be_named_by_a_pattern() -> None:
    """Stars keep to the subject of that very issuer, and to no group of it."""
    ci = Identity("jwt", "repo:acme/shop:ref:refs/heads/main", ISSUER, ("dev",))
    assert ci.matches(f"jwt:{ISSUER}:repo:acme/*:ref:refs/heads/main")
    assert ci.matches(f"jwt:{ISSUER}:repo:acme/**")
    for pattern in (
        f"jwt:{ISSUER}:repo:evil/**",
        f"jwt:{ISSUER}:group:*",
        "jwt:**",
        "jwt:https://*:repo:acme/**",
        "**",
    ):
        assert not ci.matches(pattern), pattern
    assert not Identity("jwt", "x", f"{ISSUER}:repo", ()).matches(f"jwt:{ISSUER}:y**")
    assert not Identity("unix", "1000").matches("unix:1*")


def test_a_workload_is_named_within_its_trust_domain() -> None:
    """`spiffe:DOMAIN/PATH`: a star never stands for a part of the domain."""
    runner = Identity("spiffe", "example.org/ns/ci/sa/runner")
    assert runner.id == "spiffe:example.org/ns/ci/sa/runner"
    for pattern in (runner.id, "spiffe:example.org/ns/ci/sa/*", "spiffe:example.org/**"):
        assert runner.matches(pattern), pattern
    for pattern in (
        "spiffe:example.org/ns/*",
        "spiffe:example*/**",
        "spiffe:**",
        "spiffe:example.org*",
        "jwt:*",
        "unix:*",
    ):
        assert not runner.matches(pattern), pattern
