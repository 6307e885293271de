"""Which way a change of a task policy goes."""

from __future__ import annotations

import dataclasses

import pytest

from broker.grant import Grant
from broker.policy.task_changes import task_changes
from broker.task_policy import TaskPolicy
from secretguard.policy.change import together
from tests.broker.policy.sets import files, quick

RULES = quick(files()).rules
DB = Grant("db", "database", {"role": "readonly"}, ttl=300, uses=5, max_leases=2, approvals=1, data="internal")
OTHER = dataclasses.replace(DB, name="other")
WORK = TaskPolicy("work", "development", 3600, ("unix:1000", "jwt:corp:ci"), (DB, OTHER), "d", ("jwt:corp:group:sre",))


def way(old: TaskPolicy | None, new: TaskPolicy | None) -> str:
    """The direction of replacing one by the other, None being no such policy."""
    before, after = ({"work": one} if one else {} for one in (old, new))
    return together(change.ways for change in task_changes(before, after, RULES)).word


def with_grant(**changes: object) -> TaskPolicy:
    """WORK with its first grant changed."""
    return dataclasses.replace(WORK, grants=(dataclasses.replace(DB, **changes), OTHER))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"deadline": 3601}, "loosens"),
        ({"deadline": 3599}, "tightens"),
        ({"environment": "production"}, "tightens"),
        ({"environment": "sandbox"}, "loosens"),
        ({"launchers": ("unix:1000",)}, "tightens"),
        ({"launchers": ("unix:1000", "jwt:corp:ci", "jwt:corp:ada")}, "loosens"),
        ({"launchers": ("unix:1000", "jwt:corp:ada")}, "both"),
        ({"launchers": ("unix:*", "jwt:corp:ci")}, "loosens"),
        ({"approvers": ("jwt:*",)}, "loosens"),
        ({"approvers": ()}, "tightens"),
        ({"description": "in other words"}, "same"),
        ({"grants": (DB,)}, "tightens"),
        ({"grants": (DB, OTHER, dataclasses.replace(DB, name="new"))}, "loosens"),
        ({"grants": (OTHER, DB)}, "same"),
        ({"digest": "of a comment"}, "same"),
    ],
)
def test_fields_of_a_task_policy(changes: dict[str, object], expected: str) -> None:
    """Longer, wider, more people, other grants: looser. The reverse is tighter; words are neither."""
    assert way(WORK, dataclasses.replace(WORK, **changes)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ttl": 301}, "loosens"),
        ({"ttl": 299}, "tightens"),
        ({"uses": 6}, "loosens"),
        ({"uses": 0}, "loosens"),
        ({"uses": 1}, "tightens"),
        ({"max_leases": 3}, "loosens"),
        ({"max_issues": 19}, "tightens"),
        ({"approvals": 0}, "loosens"),
        ({"approvals": 2}, "tightens"),
        ({"data": "customer"}, "tightens"),
        ({"scope": {"role": "admin"}}, "loosens"),
        ({"scope": {"role": "readonly", "policy": "x"}}, "loosens"),
        ({"source": "vault_token"}, "loosens"),
        ({"delivery": "file"}, "loosens"),
        ({"delivery": "inject"}, "tightens"),
        ({"description": "x"}, "same"),
        ({"ttl": 301, "approvals": 2}, "both"),
    ],
)
def test_fields_of_a_grant(changes: dict[str, object], expected: str) -> None:
    """Time, uses, number, approvals and data class have a direction; what a scope means nobody here knows: looser."""
    assert way(WORK, with_grant(**changes)) == expected


def test_what_was_for_injection_alone_is_looser_in_the_sandbox() -> None:
    """The way back of a tightening."""
    assert way(with_grant(delivery="inject"), with_grant(delivery="socket")) == "loosens"


def test_no_cap_becoming_a_cap_is_tighter() -> None:
    """0 uses is no cap at all."""
    assert way(with_grant(uses=0), with_grant(uses=1000)) == "tightens"


def test_whole_policies() -> None:
    """A new one is looser, and shows all of its grants; one that goes is tighter."""
    assert way(None, WORK) == "loosens"
    assert way(WORK, None) == "tightens"
    assert way(WORK, WORK) == "same"
    said = "\n".join(change.text for change in task_changes({}, {"work": WORK}, RULES))
    for word in ("unix:1000", "jwt:corp:group:sre", "role=readonly", "database", "300 s", "1 approvals"):
        assert word in said


def test_a_wildcard_that_was_there_means_those_that_are_named_now() -> None:
    """From anybody with a token to one group is only tighter."""
    anybody = dataclasses.replace(WORK, approvers=("jwt:*",))
    assert way(anybody, WORK) == "tightens"


@dataclasses.dataclass(frozen=True, slots=True)
class LaterGrant(Grant):
    """A grant with a field that came after this program was written."""

    novel: int = 0


def test_a_field_that_nothing_here_knows_loosens() -> None:
    """Whichever way it changes."""
    fields = {field.name: getattr(DB, field.name) for field in dataclasses.fields(DB)}
    one, other = (dataclasses.replace(WORK, grants=(LaterGrant(**fields, novel=n),)) for n in (1, 2))
    assert way(one, other) == way(other, one) == "loosens"
