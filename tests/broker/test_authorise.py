"""What may be issued is within task policy, narrowing and policy set; every refusal says what would pass."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.authenticate.identity import Identity
from broker.authorise import LADDER, MAX_DEPTH, authorise_child, authorise_issue, authorise_start
from broker.ceiling import UNBOUNDED
from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask
from broker.task import Task, TaskState, grants_from_json, grants_to_json
from broker.testing import flat_policy, task_policy
from secretguard.policy.request import DATA, OUTCOMES, Decision, Request
from secretguard.policy.table import CELLS, Policy, cell_index
from tests.broker.scenario import ADA, USER

small = st.integers(min_value=1, max_value=50)
grants = st.builds(
    Grant,
    name=st.just("db"),
    source=st.just("memory"),
    scope=st.just({"role": "r"}),
    ttl=small,
    data=st.sampled_from(DATA),
    uses=st.integers(min_value=0, max_value=50),
    max_leases=small,
    max_issues=small,
    approvals=st.integers(min_value=0, max_value=2),
)
narrows = st.none() | st.builds(
    Narrow, ttl=st.none() | small, uses=st.none() | small, max_leases=st.none() | small, max_issues=st.none() | small
)


@given(grants, grants, narrows, narrows, st.none() | small, st.integers(0, 2**32))
def test_issued_is_within_each_input(
    at_start: Grant, now: Grant, first: Narrow | None, second: Narrow | None, deadline: int | None, seed: int
) -> None:
    """Whatever is allowed is no wider than the policy then, the policy now, both narrowings, and the policy set."""
    policy = _random_policy(seed)
    narrow = NarrowTask(deadline=deadline, grants={"db": first or Narrow()})
    before, after = task_policy(at_start), task_policy(now)
    try:
        start = authorise_start(ADA, before, narrow, policy)
        task = _task(start.grants, start.approvals)
        allowed = authorise_issue(task, {"work": after}, "db", second, policy)
    except Refused as no:
        if not (no.rule and no.fix):
            raise
        return
    limits = [at_start, now, *(one for one in (first, second) if one)]
    for name in ("ttl", "max_leases", "max_issues"):
        assert getattr(allowed.grant, name) <= min(getattr(one, name) or 10**9 for one in limits)
    assert (allowed.grant.uses or 10**9) <= min(one.uses or 10**9 for one in limits)
    assert allowed.grant.ttl <= start.deadline <= (deadline or 3600)
    ladder = LADDER[policy.decide(Request("issue", "plain", "development", now.data)).outcome]
    assert allowed.approvals >= max(ladder, now.approvals, at_start.approvals, start.approvals)


@given(grants, st.integers(0, 2**32))
def test_a_unix_peer_alone_never_starts_what_needs_an_approval(grant: Grant, seed: int) -> None:
    """A task that a Unix peer may start gets every credential without any approval."""
    policy = _random_policy(seed)
    try:
        start = authorise_start(USER, task_policy(grant), None, policy)
    except Refused:
        return
    allowed = authorise_issue(_task(start.grants, start.approvals), {"work": task_policy(grant)}, "db", None, policy)
    assert allowed.approvals == 0


@given(grants)
def test_grants_survive_the_store(grant: Grant) -> None:
    """What is read back from a row is what was written."""
    assert grants_from_json(grants_to_json((grant,))) == (grant,)


def test_only_launchers_start() -> None:
    """A caller on no pattern of the list is refused, and told who may."""
    with pytest.raises(Refused, match="launchers are: unix:\\*, jwt:corp:ada"):
        authorise_start(Identity("jwt", "eve", "corp"), task_policy(_grant()), None, flat_policy())


def test_a_denied_environment_names_what_would_pass() -> None:
    """The refusal carries the deciding rule, its reason, and the most sensitive data that would pass instead."""
    cells = [1] * CELLS
    for data in ("secret", "customer"):
        cells[cell_index(Request("start_task", "plain", "development", data))] = 0
    decisions = [Decision("deny", "no-customer-data", "not here"), Decision("allow", "fine", "fine")]
    policy = Policy("0" * 64, decisions, cells, {"protected": {"paths": []}})
    with pytest.raises(Refused, match="not here") as refused:
        authorise_start(ADA, task_policy(_grant(data="customer")), None, policy)
    assert refused.value.rule == "no-customer-data"
    assert "internal data would pass" in refused.value.fix


def test_a_unix_peer_is_told_what_it_may_start() -> None:
    """The way on is an OIDC token, or the grants that need nobody."""
    both = task_policy(_grant(), dataclasses.replace(_grant(), name="prod", approvals=1))
    with pytest.raises(Refused, match="narrow to the grants db"):
        authorise_start(USER, both, None, flat_policy())
    assert authorise_start(USER, both, NarrowTask(grants={"db": Narrow()}), flat_policy()).approvals == 0


def test_a_withdrawn_or_changed_grant_is_gone_for_running_tasks() -> None:
    """Tightening a task policy takes effect on tasks that run already."""
    task = _task((_grant(),), 0)
    other = task_policy(_grant(scope={"role": "owner"}))
    without = task_policy(dataclasses.replace(_grant(), name="else"))
    for now in ({"work": other}, {"work": without}, {}):
        with pytest.raises(Refused) as refused:
            authorise_issue(task, now, "db", None, flat_policy())
        assert refused.value.rule == "withdrawn"


@pytest.mark.parametrize(
    "narrow",
    [NarrowTask(deadline=3601), NarrowTask(grants={}), NarrowTask(grants={"x": Narrow()})],
)
def test_a_start_that_would_widen_or_keep_nothing_is_refused(narrow: NarrowTask) -> None:
    """Longer than the policy, no grant at all, an unknown grant."""
    with pytest.raises(Refused) as refused:
        authorise_start(ADA, task_policy(_grant()), narrow, flat_policy())
    assert refused.value.fix


@given(st.lists(grants, min_size=1, max_size=1), grants, narrows, st.integers(1, 100), st.integers(0, 2**32))
def test_a_sub_task_is_within_the_task_above_it(
    held: list[Grant], now: Grant, narrow: Narrow | None, left: int, seed: int
) -> None:
    """In every limit, for no longer than that one lives, after no fewer approvals, and within the policy of now."""
    policy = _random_policy(seed)
    above = dataclasses.replace(_task(tuple(held), 1), expires_at=1000 + left)
    request = NarrowTask(grants={"db": narrow}) if narrow else None
    try:
        child = authorise_child(above, {"work": task_policy(now)}, request, policy, UNBOUNDED, 1000)
    except Refused as no:
        if not (no.rule and no.fix):
            raise
        return
    (grant,) = child.grants
    for name in ("ttl", "max_leases", "max_issues"):
        assert getattr(grant, name) <= min(getattr(one, name) for one in (held[0], now))
    assert (grant.uses or 10**9) <= min((one.uses or 10**9) for one in (held[0], now))
    assert grant.approvals >= max(held[0].approvals, now.approvals)
    assert grant.ttl <= child.deadline <= left
    assert child.approvals >= above.approvals


@pytest.mark.parametrize(
    ("change", "narrow", "rule"),
    [
        ({"depth": MAX_DEPTH}, None, "depth"),
        ({"policy": "gone"}, None, "withdrawn"),
        ({"grants": (Grant("other", "memory", {}, 9),)}, None, "withdrawn"),
        ({}, NarrowTask(deadline=101), "narrow-only"),
        ({}, NarrowTask(grants={"other": Narrow()}), "unknown-grant"),
        ({}, NarrowTask(grants={"db": Narrow(ttl=301)}), "narrow-only"),
    ],
)
def test_a_sub_task_that_would_be_more_is_refused(
    change: dict[str, object], narrow: NarrowTask | None, rule: str
) -> None:
    """Deeper, of a policy or grant that is gone, longer than what is left, another grant, a longer life."""
    above = dataclasses.replace(_task((_grant(),), 0), expires_at=1100, **change)  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        authorise_child(above, {"work": task_policy(_grant())}, narrow, flat_policy(), UNBOUNDED, 1000)
    assert (refused.value.rule, bool(refused.value.fix)) == (rule, True)


def _grant(**changes: object) -> Grant:
    return dataclasses.replace(Grant("db", "memory", {"role": "r"}, ttl=300), **changes)  # type: ignore[arg-type]


def _task(held: tuple[Grant, ...], approvals: int) -> Task:
    return Task(
        "task-1", "work", "d", "development", ADA.id, ADA.id, "p", TaskState.ACTIVE, held, approvals, 0, 10**9, "t"
    )


def _random_policy(seed: int) -> Policy:
    """One of many tables: each cell's outcome by a cheap generator, so that hypothesis need not draw 480 of them."""
    cells, state = [], seed
    for _ in range(CELLS):
        state = (state * 1103515245 + 12345) % 2**31
        cells.append((state >> 16) % len(OUTCOMES))
    return Policy("0" * 64, [Decision(one, f"rule-{one}", "because") for one in OUTCOMES], cells, _FACTS)


_FACTS: dict[str, object] = {"protected": {"paths": []}}
