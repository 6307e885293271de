"""A narrower policy from what was used: within the policy, and it admits everything on record."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from broker.authenticate.identity import Identity
from broker.authorise import authorise_issue, authorise_start
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask
from broker.narrower import LEAST_SECONDS, narrower
from broker.policy.task_changes import task_changes
from broker.task import Task, TaskState
from broker.task_policy import TaskPolicy
from broker.testing import flat_policy
from broker.usage import UsedLease, UsedTask, usage

A = Grant("a", "memory", {}, ttl=900, max_leases=5, max_issues=50)
B = dataclasses.replace(A, name="b", rate=20)
POLICY = TaskPolicy("work", "development", 3600, ("unix:*",), (A, B), "d")
PEER = Identity("unix", "1000")


def used(grants: tuple[Grant, ...], *leases: UsedLease, deadline: int = 3600, lived: float = 100.0) -> UsedTask:
    return UsedTask("t", "t", "unix:1000", 0, deadline, lived, grants, leases, {})


def test_what_nobody_asked_for_goes_and_limits_come_down() -> None:
    """Twice the time and issues that were used, the leases at once that were; whole minutes, one at least."""
    new = narrower(POLICY, [used((A, B), UsedLease("a", 0, 900, 100.0), UsedLease("a", 50, 950, 170.0), lived=200.0)])
    [a] = new.grants
    assert (a.name, a.ttl, a.max_leases, a.max_issues, a.rate, new.deadline) == ("a", 240, 2, 4, 4, 420)
    short = narrower(POLICY, [used((A, B), UsedLease("a", 0, 900, 1.0), lived=2.0)])
    assert (short.grants[0].ttl, short.deadline) == (LEAST_SECONDS, LEAST_SECONDS)


def test_nothing_used_proposes_nothing() -> None:
    """No tasks, no opinion; tasks without any credential do not take every grant away."""
    assert narrower(POLICY, []) is POLICY
    assert {grant.name for grant in narrower(POLICY, [used((A, B))]).grants} == {"a", "b"}


def test_what_somebody_stated_can_be_stated_again() -> None:
    """A shorter time, fewer issues or one grant alone, asked for by name: the same request passes tomorrow."""
    stated = dataclasses.replace(A, ttl=600, max_issues=40, max_leases=4, rate=9)
    [a] = narrower(POLICY, [used((stated,), UsedLease("a", 0, 500, 5.0), deadline=1800)]).grants
    assert (a.ttl, a.max_issues, a.max_leases, a.rate) == (600, 40, 4, 9)
    both = narrower(POLICY, [used((A, B), UsedLease("a", 0, 300, 5.0)), used((B,))])
    assert {grant.name for grant in both.grants} == {"a", "b"}
    assert both.grant("a").ttl == 300  # type: ignore[union-attr]


limits = st.fixed_dictionaries(
    {
        "ttl": st.integers(1, 3600),
        "max_leases": st.integers(1, 8),
        "max_issues": st.integers(1, 30),
        "rate": st.integers(0, 10),
        "uses": st.integers(0, 5),
    }
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[TaskPolicy, list[UsedTask], list[tuple[NarrowTask | None, list[Narrow | None]]]]:
    """A policy, and tasks with credentials as they pass under it: what they asked for, and how long it lived."""
    grants = tuple(Grant(name, "memory", {}, **draw(limits)) for name in ("a", "b", "c")[: draw(st.integers(1, 3))])
    deadline = max(draw(st.integers(1, 7200)), *(grant.ttl for grant in grants))
    policy = TaskPolicy("work", "development", deadline, ("unix:*",), grants, "d")
    tasks, asked = [], []
    for number in range(draw(st.integers(0, 4))):
        begun = draw(st.integers(0, 10_000))
        life = st.none() | st.integers(1, deadline)
        wish = _shown(policy, draw(st.none() | st.builds(NarrowTask, deadline=life, grants=_some(grants))))
        got = authorise_start(PEER, policy, wish, flat_policy())
        leases, wishes = draw(_taken(got.grants, begun, begun + got.deadline))
        ended = max([begun + draw(st.integers(1, got.deadline)), *(one.ended_at for one in leases)])
        family = f"t{draw(st.integers(0, number))}"
        tasks.append(
            UsedTask(f"t{number}", family, PEER.id, begun, begun + got.deadline, ended, got.grants, leases, {})
        )
        asked.append((wish, wishes))
    return policy, tasks, asked


def _shown(policy: TaskPolicy, wish: NarrowTask | None) -> NarrowTask | None:
    """The wish without what no record can show: limits as the policy has them, and all grants named without any."""
    if wish is None:
        return None
    life = wish.deadline or policy.deadline
    kept: dict[str, Narrow] = {}
    for grant in policy.grants:
        if wish.grants is not None and grant.name in wish.grants:
            said = wish.grants[grant.name].model_dump()
            had = {**dataclasses.asdict(grant), "ttl": min(grant.ttl, life), "rate": grant.rate or 10**9}
            kept[grant.name] = Narrow(**{name: value for name, value in said.items() if value and value < had[name]})
    plain = len(kept) == len(policy.grants) and not any(one != Narrow() for one in kept.values())
    grants = None if wish.grants is None or plain else kept
    return NarrowTask(deadline=None if life == policy.deadline else life, grants=grants)


def _some(grants: tuple[Grant, ...]) -> st.SearchStrategy[dict[str, Narrow] | None]:
    """None, or some of the grants, each narrowed or not."""
    one = {
        grant.name: st.builds(
            Narrow,
            ttl=st.none() | st.integers(1, grant.ttl),
            max_issues=st.none() | st.integers(1, grant.max_issues),
            max_leases=st.none() | st.integers(1, grant.max_leases),
            rate=st.none() | st.integers(1, grant.rate or 50),
        )
        for grant in grants
    }
    return st.none() | st.fixed_dictionaries({}, optional=one).filter(bool)  # type: ignore[arg-type]


@st.composite
def _taken(
    draw: st.DrawFn, grants: tuple[Grant, ...], begun: int, until: int
) -> tuple[tuple[UsedLease, ...], list[Narrow | None]]:
    leases, wishes = [], []
    for _ in range(draw(st.integers(0, 5))):
        grant = draw(st.sampled_from(grants))
        at = draw(st.integers(begun, until - 1))
        wish = draw(st.none() | st.builds(Narrow, ttl=st.integers(1, grant.ttl)))
        ttl = min(wish.ttl if wish and wish.ttl else grant.ttl, until - at)
        leases.append(UsedLease(grant.name, at, at + ttl, at + draw(st.integers(1, ttl))))
        wishes.append(wish if wish and wish.ttl and wish.ttl < min(grant.ttl, until - at) else None)
    return tuple(leases), wishes


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_it_loosens_nothing_and_admits_all_that_was_used(
    world: tuple[TaskPolicy, list[UsedTask], list[tuple[NarrowTask | None, list[Narrow | None]]]],
) -> None:
    """By the broker's own judgement of changes nothing is loosened; by its own decisions each start and credential on
    record passes, for as long as it lived, and no family of tasks meets a cap."""
    policy, tasks, asked = world
    new = narrower(policy, tasks)
    assert not any(change.ways.loosens for change in task_changes({"work": policy}, {"work": new}, flat_policy()))
    assert all(grant.ttl <= new.deadline for grant in new.grants)
    for task, (wish, wishes) in zip(tasks, asked, strict=True):
        got = authorise_start(PEER, new, wish, flat_policy())
        assert got.deadline >= task.lived
        held = Task("t", "work", "", "development", "u", "u", "", TaskState.ACTIVE, got.grants, 0, 0, got.deadline)
        for lease, narrow in zip(task.leases, wishes, strict=True):
            issued = authorise_issue(held, {"work": new}, lease.grant, narrow, flat_policy()).grant
            assert issued.ttl >= min(lease.lived, task.expires_at - lease.created_at)
    for seen in usage(tasks).grants:
        grant = new.grant(seen.name)
        if seen.asked_by:
            assert grant is not None
            old = policy.grant(seen.name)
            assert old is not None
            assert grant.max_issues >= min(seen.most_issues, old.max_issues)
            assert grant.max_leases >= min(seen.most_at_once, old.max_leases)
            assert grant.rate == 0 or grant.rate >= min(seen.most_in_a_minute, old.rate or 10**9)
